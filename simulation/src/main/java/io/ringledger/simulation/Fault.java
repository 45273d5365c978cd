package io.ringledger.simulation;

/** Everything that goes wrong in the simulated world. A long run in which one never fires has failed. */
enum Fault {
    /** A ledger process ends between two of its steps; another one starts later. */
    LEDGER_CRASH(0),
    /** A ledger process stops for as long as a lease lasts, or longer, and goes on. */
    LEDGER_PAUSE(0),
    /** A ledger process stops right after it has sent an append, and goes on later. */
    LEDGER_PAUSE_AT_APPEND(0.008),
    /** A ledger process stops right after it has asked for its lease, and goes on later. */
    LEDGER_PAUSE_AT_CONFIRM(0.004),
    /** A ledger process is asked to end: it gives its partitions back. */
    LEDGER_STOP(0),
    /** A process of the projector ends. */
    PROJECTOR_CRASH(0),
    /** A process of the projector stops for a while and goes on. */
    PROJECTOR_PAUSE(0),
    /** A process of the follower ends. */
    FOLLOWER_CRASH(0),
    /** A process of the follower stops for a while and goes on. */
    FOLLOWER_PAUSE(0),
    /** The time of day jumps forwards, by milliseconds or by days. */
    CLOCK_FORWARDS(0),
    /** The time of day jumps backwards, by milliseconds or by days. */
    CLOCK_BACKWARDS(0),
    /** The monotonic clock of a process runs too fast or too slow. */
    CLOCK_DRIFT(0),

    /** The log throttles an append. */
    APPEND_THROTTLED(0.05),
    /** The log answers an append with an error, and has not taken it. */
    APPEND_REFUSED(0.04),
    /** The append is in the log, and the answer an error. */
    APPEND_ERROR_LANDED(0.04),
    /** No answer to an append, which is in the log. */
    APPEND_TIMEOUT_LANDED(0.04),
    /** No answer to an append, which is not in the log. */
    APPEND_TIMEOUT_LOST(0.04),
    /** An append is in the log twice. */
    APPEND_TWICE(0.04),
    /** No answer to an append, which gets into the log seconds later. */
    APPEND_LATE(0.03),
    /** No answer to an append, which gets into the log right after a later owner's marker. */
    APPEND_LATE_AFTER_MARKER(0.05),
    /** An append takes longer than its time-out. */
    APPEND_SLOW(0.03),

    /** A read of the log brings nothing, though there is something. */
    READ_EMPTY(0.1),
    /** A read of the log brings records again. */
    READ_REPEATED(0.08),
    /** A record shows only some time after it was acknowledged. */
    READ_LATE(0.1),
    /** A read of the log fails. */
    READ_FAILED(0.08),
    /** A shard is split. */
    SHARD_SPLIT(0),
    /** Two shards are merged. */
    SHARD_MERGE(0),

    /** A write to the lease table fails and has not taken effect. */
    LEASE_WRITE_LOST(0.05),
    /** A write to the lease table took effect, and the answer is lost. */
    LEASE_WRITE_UNKNOWN(0.05),
    /** A write to the lease table fails and takes effect later, if its condition still holds. */
    LEASE_WRITE_LATE(0.03),
    /** A read of the lease table fails. */
    LEASE_READ_FAILED(0.05),
    /** A read of the lease table takes seconds. */
    LEASE_READ_SLOW(0.08),
    /** The lease table is away for seconds. */
    LEASE_TABLE_AWAY(0),
    /** A process cannot write to the lease table for seconds, and reads it all the while. */
    LEASE_WRITES_AWAY(0),

    /** A snapshot cannot be written: the disk is full, or the store away. */
    SNAPSHOT_WRITE_FAILED(0.15),
    /** A snapshot was written, and the answer is lost. */
    SNAPSHOT_WRITE_UNKNOWN(0.05),
    /** A snapshot is cut short. */
    SNAPSHOT_TORN(0.1),
    /** A bit of a snapshot is flipped. */
    SNAPSHOT_FLIPPED(0.1),
    /** A snapshot that was written is gone. */
    SNAPSHOT_MISSING(0.1),
    /** Only an old snapshot is listed. */
    SNAPSHOT_OLD(0.1),
    /** The snapshots cannot be read for now. */
    SNAPSHOT_READ_FAILED(0.1),

    /** The views cannot be reached. */
    VIEW_AWAY(0.06),
    /** The views moved, and the answer is lost. */
    VIEW_ANSWER_LOST(0.05),
    /** The views answer slowly. */
    VIEW_SLOW(0.05),

    /** A worker loses its lease of a shard and hears of it. */
    KCL_LEASE_LOST(0),
    /** A worker loses its lease of a shard and goes on for a while: two work on one shard. */
    KCL_TWO_WORKERS(0),
    /** Records are delivered again. */
    KCL_REDELIVERED(0.05),
    /** A checkpoint is not written, and says so. */
    KCL_CHECKPOINT_FAILED(0.1),
    /** A checkpoint is not written, though it says that it is. */
    KCL_CHECKPOINT_LOST(0.1),

    /** A client does not hear the answer. */
    CLIENT_ANSWER_LOST(0.04),
    /** A client sends the same command again though it has the outcome. */
    CLIENT_RETRY_SAME(0.15),
    /** A client sends another command with a key that it has used. */
    CLIENT_RETRY_OTHER(0.1),
    /** A client sends one command several times at once. */
    CLIENT_STORM(0.06),
    /** A client comes back with a key after its window has passed. */
    CLIENT_RETRY_EXPIRED(0);

    private final double probability;

    Fault(final double probability) {
        this.probability = probability;
    }

    /** How likely it is at each occasion where it is on at full strength; 0: it is scheduled. */
    double probability() {
        return probability;
    }
}
