package io.ringledger.benchmarks.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The arithmetic of docs/benchmarks.md, by hand. */
final class KinesisPricesTest {
    private static final double ROUNDING = 1e-9;

    @Test
    void shouldPriceOneRecordAnEventByRecords() {
        // 1,000 shard seconds, and a million payload units.
        assertThat(KinesisPrices.provisioned(148, 1))
                .isCloseTo(1_000 / 3_600.0 * 0.015 + 0.014, within(ROUNDING));
        // A million times 1 KiB.
        assertThat(KinesisPrices.onDemand(148, 1))
                .isCloseTo(1e6 * 1_024 / (1 << 30) * 0.08, within(ROUNDING));
    }

    @Test
    void shouldPriceLargeFramesByBytes() {
        // 28 MB: 28 shard seconds; a thousand records of two payload units each.
        assertThat(KinesisPrices.provisioned(28_000, 1_000))
                .isCloseTo(28 / 3_600.0 * 0.015 + 2_000 * 0.014 / 1e6, within(ROUNDING));
        // 28,000 bytes are billed as 28 KiB.
        assertThat(KinesisPrices.onDemand(28_000, 1_000))
                .isCloseTo(1_000 * 28.0 * 1_024 / (1 << 30) * 0.08, within(ROUNDING));
    }
}
