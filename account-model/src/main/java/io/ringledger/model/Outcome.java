package io.ringledger.model;

/**
 * What became of one command: the code, the position of its event and the account as it was after
 * it. Mutable and reused; not thread-safe.
 *
 * <p>{@code balance}, {@code held} and {@code creditLimit} are minor units and only mean something
 * for {@link ResultCode#ACCEPTED}. A replayed outcome is the first one, number by number.
 *
 * <p>In the ledger the model alone fills outcomes in. What else stands behind the same API, such as
 * the peer of the benchmarks, fills in its own.
 */
public final class Outcome {
    private ResultCode code = ResultCode.ACCEPTED;
    private boolean replayed;
    private long sequence;
    private long timeMs;
    private long balance;
    private long held;
    private long creditLimit;
    private int currency;

    /** Starts a new outcome that is not a replay. */
    public Outcome reset(final ResultCode code, final long timeMs) {
        this.code = code;
        this.timeMs = timeMs;
        replayed = false;
        sequence = 0;
        balance = 0;
        held = 0;
        creditLimit = 0;
        currency = CurrencyCode.NONE;
        return this;
    }

    /** The account as it is after the event, in minor units and a packed currency. */
    public Outcome account(
            final long balance, final long held, final long creditLimit, final int currency) {
        this.balance = balance;
        this.held = held;
        this.creditLimit = creditLimit;
        this.currency = currency;
        return this;
    }

    /** The event of this sequence records the outcome. */
    public Outcome recorded(final long sequence) {
        this.sequence = sequence;
        return this;
    }

    /** The outcome that the event of this sequence recorded, again. */
    public Outcome replayOf(final long sequence) {
        this.sequence = sequence;
        replayed = true;
        return this;
    }

    /** Makes this outcome equal to another one. */
    public void copyFrom(final Outcome other) {
        code = other.code;
        replayed = other.replayed;
        sequence = other.sequence;
        timeMs = other.timeMs;
        balance = other.balance;
        held = other.held;
        creditLimit = other.creditLimit;
        currency = other.currency;
    }

    /** The decision. */
    public ResultCode code() {
        return code;
    }

    /** True if the command had been decided before and this is that outcome again. */
    public boolean isReplayed() {
        return replayed;
    }

    /** Sequence of the event that recorded the outcome; 0 if nothing was recorded. */
    public long sequence() {
        return sequence;
    }

    /** Ledger time of the outcome, in milliseconds since 1970 UTC. */
    public long timeMs() {
        return timeMs;
    }

    /** Balance after the event, in minor units. */
    public long balance() {
        return balance;
    }

    /** Held after the event, in minor units. */
    public long held() {
        return held;
    }

    /** Credit limit after the event, in minor units. */
    public long creditLimit() {
        return creditLimit;
    }

    /** {@code balance - held + creditLimit}, in minor units. */
    public long available() {
        return balance - held + creditLimit;
    }

    /** Packed currency of the account, see {@link CurrencyCode}. */
    public int currency() {
        return currency;
    }

    /** True if this outcome must be written to the log: a first decision, accepted or refused. */
    boolean needsEvent() {
        return !replayed && code != ResultCode.IDEMPOTENCY_KEY_REUSED;
    }
}
