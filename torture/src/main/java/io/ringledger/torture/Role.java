package io.ringledger.torture;

import io.ringledger.kit.Failpoint;

import java.util.List;

/** What a process of the campaign does. */
enum Role {
    /** The write side. */
    LEDGER("ledger", "io.ringledger.ledger.LedgerMain"),
    /** What reads the log. */
    CONSUMER("kinesis-consumer", "io.ringledger.consumer.ConsumerMain"),
    /** The queries; nothing is lost with it, so it is left alone. */
    READ_MODEL("read-model", "io.ringledger.readmodel.ReadModelMain");

    private final String module;
    private final String mainClass;

    Role(final String module, final String mainClass) {
        this.module = module;
        this.mainClass = mainClass;
    }

    String module() {
        return module;
    }

    String mainClass() {
        return mainClass;
    }

    /** The steps that it can be killed at. */
    List<Failpoint> failpoints() {
        return switch (this) {
            case LEDGER ->
                List.of(
                        Failpoint.DECODE,
                        Failpoint.APPLY,
                        Failpoint.APPEND_SENT,
                        Failpoint.APPEND_RETURNED,
                        Failpoint.ANSWER_SENT,
                        Failpoint.MARKER_WRITTEN);
            case CONSUMER -> List.of(Failpoint.PROJECTION_COMMITTED, Failpoint.SNAPSHOT_WRITTEN);
            case READ_MODEL -> List.of();
        };
    }
}
