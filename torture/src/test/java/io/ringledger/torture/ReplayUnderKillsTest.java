package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.loadtests.BankTransaction;
import io.ringledger.loadtests.TransactionFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** The first part of the bank's year, while the owner of partition 0 is killed again and again. */
final class ReplayUnderKillsTest {
    private static final int TRANSACTIONS = 3_000;
    private static final long KILL_EVERY_MS = 6_000;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @Test
    void shouldBookExactlyWhileOwnersAreKilled() throws Exception {
        final Path file = Path.of(
                System.getProperty("ringledger.root", "."), "load-tests/data/berka-1993-94.csv.gz");
        final List<BankTransaction> part = TransactionFile.read(file).subList(0, TRANSACTIONS);
        final TortureOptions options =
                new TortureOptions(60, 1, 0, 0, 0, 2, 1, 2, 2_000, 1_000, 100, false);
        final ReplayUnderKills.Result result =
                new ReplayUnderKills(options, part, KILL_EVERY_MS, folder, System.out).run();
        System.out.print(result);
        assertThat(result.isExact()).isTrue();
        assertThat(result.summary().accepted()).isEqualTo(TRANSACTIONS);
        assertThat(result.kills()).isPositive();
    }
}
