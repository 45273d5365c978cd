package io.ringledger.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a ledger process says of its partitions where it is asked whether it is ready. */
final class PartitionsTest {
    private final Partitions partitions = new Partitions("ledger", 12);

    @Test
    void shouldNameEachPartitionThatNobodyServesAndWhy() {
        partitions.setExplanation(number -> number == 7 ? "recovering" : "waiting for its lease");
        partitions.setDirectory(number -> number == 3 || number == 7 ? null : "10.0.0.1:8080");
        assertThat(partitions.reasonNotReady())
                .isEqualTo("partition 3: no_owner, waiting for its lease;"
                        + " partition 7: no_owner, recovering");
    }

    @Test
    void shouldBeReadyWhereOthersServeThemAll() {
        partitions.setDirectory(number -> "10.0.0.1:8080");
        assertThat(partitions.reasonNotReady()).isNull();
    }

    @Test
    void shouldCountWhatIsTooMuchToName() {
        assertThat(partitions.reasonNotReady())
                .startsWith("partition 0: no_owner, starting; partition 1: ")
                .endsWith("partition 7: no_owner, starting; and 4 more");
    }
}
