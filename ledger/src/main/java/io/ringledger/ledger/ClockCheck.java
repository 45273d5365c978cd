package io.ringledger.ledger;

import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the clock of a process before a partition of it takes commands (decision 015). A clock that
 * is ahead of the log's own is refused: with its first command idempotency keys would expire that much
 * too early. One that is ahead of the last event is reported, as it cannot be told from a ledger that
 * was quiet; one that is behind does no harm. Stateless.
 */
final class ClockCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ClockCheck.class);

    /** What clocks that are kept may differ by. */
    private static final long MAX_BEHIND_MS = 60_000;

    /** Long for a ledger at work; short against the window that keys are kept for. */
    private static final long MAX_AHEAD_MS = 30 * 60_000;

    /** More than two clocks that are kept ever differ by, and little of a window of a day. */
    private static final long MAX_AHEAD_OF_LOG_MS = 5 * 60_000;

    private ClockCheck() {}

    /**
     * Refuses a clock that said something before a record was sent which the log's clock did not say
     * until long after it had come. However long sending and reading took, that makes it no worse.
     *
     * @param sentMs what the process's clock said before the own marker was sent for the first time
     * @param arrivedMs when the log says that it came, or {@link LogRecord#UNKNOWN}
     * @throws IllegalStateException if the clock is too far ahead to serve
     */
    static void requireNotAheadOfLog(final int partition, final long sentMs, final long arrivedMs) {
        if (arrivedMs != LogRecord.UNKNOWN && sentMs - arrivedMs > MAX_AHEAD_OF_LOG_MS) {
            throw new IllegalStateException(
                    "the clock of this machine is " + (sentMs - arrivedMs)
                            + " ms ahead of the log's: idempotency keys of partition " + partition
                            + " would expire that much too early, and late retries be booked twice; set the"
                            + " clock (is its time service running?) and start again, no event was written");
        }
    }

    /**
     * How far the clock is ahead of the last event, in milliseconds, negative if it is behind; 0
     * without events. Says so where that is much.
     */
    static long aheadMs(final int partition, final long nowMs, final AccountModel model) {
        if (model.lastSequence() == 0) {
            return 0;
        }
        final long aheadMs = nowMs - model.lastTimeMs();
        if (aheadMs < -MAX_BEHIND_MS) {
            LOG.warn(
                    "partition {}: the clock is {} ms behind the last event: was it set back? ledger"
                            + " time stands still until it has caught up, keys are kept that much"
                            + " longer",
                    partition,
                    -aheadMs);
        } else if (aheadMs > MAX_AHEAD_MS) {
            LOG.warn(
                    "partition {}: the clock is {} ms ahead of the last event: right if nothing was"
                            + " recorded for so long, otherwise it is wrong and the next event makes"
                            + " keys expire that much earlier",
                    partition,
                    aheadMs);
        }
        return aheadMs;
    }
}
