package io.ringledger.benchmarks.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.SingleCommands;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.SplittableRandom;

/** A true ledger process, briefly. */
final class LedgerSideTest {
    private static final int ACCOUNTS = 50;
    private static final int CONNECTIONS = 8;

    @TempDir
    private Path folder;

    @Test
    void shouldMeasureOnlyWhatTheLogConfirms() throws Exception {
        try (LedgerSide ledger = LedgerSide.start(LedgerShape.of(2, ACCOUNTS), folder)) {
            final DriverOptions options =
                    DriverOptions.closedLoop(ledger.address(), CONNECTIONS, 0, 300);
            assertThat(ledger.singles(options, ACCOUNTS).sent()).isPositive();
            assertThat(ledger.batches(options, 20).sent()).isPositive();
            // Booked behind the check's back, as by a ledger that books more than it acknowledges.
            HttpDriver.run(
                    options,
                    thread -> new SingleCommands(
                            ACCOUNTS,
                            CONNECTIONS,
                            new SplittableRandom(3),
                            new Acknowledged(ACCOUNTS)));
            assertThatThrownBy(() -> ledger.singles(options, ACCOUNTS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("wrong balance");
        }
    }
}
