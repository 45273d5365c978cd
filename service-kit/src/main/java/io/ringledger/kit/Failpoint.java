package io.ringledger.kit;

import java.util.Locale;

/** A step of a service that a test can kill it before or after, see {@link Failpoints}. */
public enum Failpoint {
    /** A command's request has been decoded. */
    DECODE,
    /** A command has been decided and its event applied to the model. */
    APPLY,
    /** An append has been handed to the log's client. */
    APPEND_SENT,
    /** The log has acknowledged an append. */
    APPEND_RETURNED,
    /** An answer has been handed to its connection. */
    ANSWER_SENT,
    /** A snapshot is in its store. */
    SNAPSHOT_WRITTEN,
    /** A new owner's epoch marker is in the log. */
    MARKER_WRITTEN,
    /** A batch of the projector is committed. */
    PROJECTION_COMMITTED;

    /** As in the setting: {@code append_sent}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
