package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A small campaign with real processes. Its seed is printed; {@code -Dringledger.test.seed=…} runs
 * it again with the same faults.
 */
final class TortureTest {
    private static final long SECONDS = 60;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @Test
    void shouldLoseNothingThatWasAcknowledged() throws Exception {
        final long seed = Long.getLong(
                "ringledger.test.seed", ThreadLocalRandom.current().nextLong(1_000_000_000L));
        System.out.println("torture: seed=" + seed);
        final TortureOptions options =
                new TortureOptions(SECONDS, seed, 6, 2, 1, 2, 2, 2, 2_000, 500, 300, false);
        final Report report = new Campaign(options, folder, System.out).run();
        System.out.print(report);
        assertThat(report.isClean()).as("seed %d", seed).isTrue();
        assertThat(report.kills()).as("kills").isGreaterThanOrEqualTo(6);
        assertThat(report.pauses()).as("pauses").isGreaterThanOrEqualTo(2);
        assertThat(report.acknowledged()).as("acknowledged").isGreaterThan(1_000);
        assertThat(report.unknowns().unanswered()).as("unanswered once").isPositive();
    }
}
