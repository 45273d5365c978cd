package io.ringledger.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The clock is moved, not slept. */
final class SteadyClockTest {
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    private final AtomicLong epochMs = new AtomicLong(1_000_000_000);
    private final AtomicLong nanoTime = new AtomicLong(5);
    private final SteadyClock clock = new SteadyClock(epochMs::get, nanoTime::get);

    @Test
    void shouldFollowTheClockAndItsSmallCorrections() {
        pass(1_000);
        assertThat(clock.getAsLong()).isEqualTo(1_000_001_000);
        epochMs.addAndGet(-300);
        assertThat(clock.getAsLong()).isEqualTo(1_000_000_700);
    }

    @Test
    void shouldNotFollowAJumpInEitherDirection() {
        epochMs.addAndGet(25 * HOUR_MS);
        pass(10);
        assertThat(clock.getAsLong()).isEqualTo(1_000_000_010);
        epochMs.addAndGet(-50 * HOUR_MS);
        pass(10);
        assertThat(clock.getAsLong()).isEqualTo(1_000_000_020);
        pass(10);
        assertThat(clock.getAsLong()).isEqualTo(1_000_000_030);
    }

    private void pass(final long ms) {
        epochMs.addAndGet(ms);
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
