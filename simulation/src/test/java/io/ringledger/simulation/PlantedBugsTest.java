package io.ringledger.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The harness is shown to find what it is there to find. */
final class PlantedBugsTest {
    private static final int MAX_SEEDS = 5_000;
    private static final int THREADS = 2;
    private static final long FIRST_SEED = Long.getLong(
            "ringledger.simulation.seed", ThreadLocalRandom.current().nextInt(1 << 30));

    @Test
    void shouldCatchEveryPlantedBug() throws InterruptedException {
        final Path root = Path.of(System.getProperty("ringledger.root", ".."));
        final List<PlantedBugHunt.Catch> caught =
                PlantedBugHunt.hunt(PlantedBugs.ALL, root, FIRST_SEED, MAX_SEEDS, THREADS);
        assertThat(caught).hasSizeGreaterThanOrEqualTo(20);
        assertThat(caught)
                .as("run it again with -Dringledger.simulation.seed=%d", FIRST_SEED)
                .allSatisfy(each ->
                        assertThat(each.violation()).as(each.bug().name()).isNotNull());
    }
}
