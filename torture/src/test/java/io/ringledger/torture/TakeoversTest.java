package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What counts as a takeover, and which of them had quiet. */
final class TakeoversTest {
    private static final long LONG_MS = 3_600_000;

    private final List<String> slow = new ArrayList<>();

    // Whatever has quiet takes longer than this.
    private final Takeovers takeovers = new Takeovers(-1, slow::add);

    @Test
    void shouldEndWithTheFirstAnswerToWhatWasSentAfterwards() {
        final long before = System.nanoTime();
        takeovers.onOwnerGone(List.of(1, 2), false);
        takeovers.onAnswer(1, before);
        takeovers.onAnswer(0, System.nanoTime());
        assertThat(takeovers.open()).containsExactly(1, 2);
        takeovers.onAnswer(1, System.nanoTime());
        assertThat(takeovers.open()).containsExactly(2);
        assertThat(takeovers.quietMs()).hasSize(1);
        assertThat(takeovers.disturbedMs()).isEmpty();
        assertThat(slow).hasSize(1).first().asString().startsWith("partition 1 had no owner for ");
    }

    @Test
    void shouldTellThoseApartThatHadNoQuiet() {
        takeovers.onOwnerGone(List.of(1), false);
        takeovers.onOwnerGone(List.of(2), false);
        takeovers.onAnswer(1, System.nanoTime());
        takeovers.onAnswer(2, System.nanoTime());
        takeovers.disturb(LONG_MS);
        takeovers.disturb(0);
        takeovers.onOwnerGone(List.of(3), false);
        takeovers.onAnswer(3, System.nanoTime());
        assertThat(takeovers.quietMs()).isEmpty();
        assertThat(takeovers.disturbedMs()).hasSize(3);
        assertThat(slow).isEmpty();
    }

    @Test
    void shouldDescribeByNearestRank() {
        assertThat(Takeovers.describe(List.of())).isEqualTo("none");
        assertThat(Takeovers.describe(List.of(30L, 10L, 20L)))
                .isEqualTo("n=3, p50 20 ms, p99 30 ms, max 30 ms");
    }
}
