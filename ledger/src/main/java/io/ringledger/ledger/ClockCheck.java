package io.ringledger.ledger;

import io.ringledger.model.AccountModel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the clock of a process before a partition of it takes commands. Nothing is refused: a clock
 * that is ahead cannot be told from a ledger that was quiet, and one that is behind does no harm.
 * Stateless.
 */
final class ClockCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ClockCheck.class);

    /** What clocks that are kept may differ by. */
    private static final long MAX_BEHIND_MS = 60_000;

    /** Long for a ledger at work; short against the window that keys are kept for. */
    private static final long MAX_AHEAD_MS = 30 * 60_000;

    private ClockCheck() {}

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
