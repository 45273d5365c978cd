package io.ringledger.benchmarks.stub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

final class ShardLimitTest {
    private static long ms(final long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }

    @Test
    void shouldTakeASecondsWorthOfBytesAndRefillWithTime() {
        final ShardLimit limit = new ShardLimit(StubOptions.AWS_SHARD_BYTES_PER_SECOND, 0);
        assertThat(limit.tryTake(1_000_000, 0)).isTrue();
        assertThat(limit.tryTake(1, 0)).isFalse();
        assertThat(limit.tryTake(100_001, ms(100))).isFalse();
        assertThat(limit.tryTake(100_000, ms(100))).isTrue();
        assertThat(limit.tryTake(1_000_001, ms(60_000)))
                .as("more than a bucket")
                .isFalse();
    }

    @Test
    void shouldTakeASecondsWorthOfRecords() {
        final ShardLimit limit = new ShardLimit(StubOptions.AWS_SHARD_BYTES_PER_SECOND, 0);
        int taken = 0;
        for (int i = 0; i < 2_000; i++) {
            taken += limit.tryTake(1, 0) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(1_000);
        assertThat(limit.tryTake(1, ms(2))).isTrue();
    }
}
