package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What pages of {@code docs/operating} say, done with real processes under load: small forms of
 * {@code ./ringledger rehearse}, one after the other on one stand.
 */
final class RehearsalTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static RehearsalStand stand;

    @BeforeAll
    static void start() throws Exception {
        final long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);
        System.out.println("rehearsal: seed=" + seed);
        stand = RehearsalStand.start(
                new RehearsalOptions(seed, 2, 2, 2, 4, 2, 300, 200), folder, System.out);
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    @Test
    void shouldReplaceEveryProcessWithoutAFailedRequest() throws Exception {
        final RehearsalReport report = rehearse(RehearseMain.What.ROLLING_RESTART);
        assertThat(report.stopped()).hasSize(6);
    }

    @Test
    void shouldReshardFromTwoToFourToTwoShards() throws Exception {
        rehearse(RehearseMain.What.RESHARD);
    }

    @Test
    void shouldBuildTheViewsAnewAfterTheirDatabaseWasDropped() throws Exception {
        rehearse(RehearseMain.What.REBUILD_VIEWS);
    }

    private static RehearsalReport rehearse(final RehearseMain.What what) throws Exception {
        final RehearsalReport report = stand.rehearse(what.toString(), what.steps(stand));
        System.out.print(report);
        assertThat(report.isClean()).as(report.toString()).isTrue();
        assertThat(report.requests()).isGreaterThan(100);
        assertThat(report.findings().list())
                .allSatisfy(finding -> assertThat(finding.found()).isZero());
        return report;
    }
}
