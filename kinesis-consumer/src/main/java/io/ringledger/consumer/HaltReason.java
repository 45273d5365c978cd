package io.ringledger.consumer;

/** Why a view stopped: each is a contradiction that no retry can heal and that must not be skipped. */
public enum HaltReason {
    /** The record is not a frame of this ledger at all. */
    FOREIGN_RECORD,
    /** The record was written by a later version than this build knows. */
    UNKNOWN_VERSION,
    /** A frame whose bytes have changed or are cut short. */
    DAMAGED_FRAME,
    /** A whole frame that does not follow the one before: a gap, a broken chain. */
    OUT_OF_ORDER,
    /** The frame is of another ledger: another number of partitions, or a partition without a view. */
    WRONG_PARTITION,
    /** Two different frames carry the same number. */
    FORKED_LOG,
    /** An event does not follow from the events before it. */
    IMPOSSIBLE_EVENT,
    /** The views in Postgres disagree with the log. */
    VIEW_DISAGREES,
    /** A defect of the projector itself. */
    DEFECT
}
