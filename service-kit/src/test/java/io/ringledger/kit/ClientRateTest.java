package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientRateTest {
    private static final long SECOND_NS = 1_000_000_000;

    private static int takeAll(final ClientRate rate, final long nowNs) {
        int taken = 0;
        while (rate.tryTake(nowNs)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 17, -5, Long.MAX_VALUE - 3 * SECOND_NS, Long.MIN_VALUE})
    void shouldLetInABurstAndThenSoManyASecond(final long startNs) {
        final ClientRate rate = new ClientRate(100, 20, startNs);
        assertThat(takeAll(rate, startNs)).isEqualTo(20);
        assertThat(takeAll(rate, startNs + SECOND_NS / 200)).isZero();
        assertThat(takeAll(rate, startNs + SECOND_NS / 100)).isEqualTo(1);
        assertThat(takeAll(rate, startNs + SECOND_NS / 10)).isEqualTo(9);
        assertThat(takeAll(rate, startNs + 5 * SECOND_NS)).isEqualTo(20);
    }

    @Test
    void shouldLetInNoMoreThanTheRateOverTime() {
        final ClientRate rate = new ClientRate(1_000, 1, 0);
        int taken = 0;
        for (long nowNs = 0; nowNs < 10 * SECOND_NS; nowNs += 70_001) {
            if (rate.tryTake(nowNs)) {
                taken++;
            }
        }
        assertThat(taken).isBetween(9_300, 10_000);
    }

    @Test
    void shouldWaitUntilADebtIsPaid() {
        final ClientRate rate = new ClientRate(10, 5, 0);
        assertThat(rate.isFull(0)).isTrue();
        assertThat(rate.tryTake(0)).isTrue();
        rate.charge(99, 0);
        assertThat(rate.isFull(0)).isFalse();
        // Of 100 taken, the next one is there once all but 4 are paid for.
        assertThat(rate.retryAfterS(0)).isEqualTo(10);
        assertThat(rate.tryTake(9 * SECOND_NS)).isFalse();
        assertThat(rate.retryAfterS(9 * SECOND_NS)).isEqualTo(1);
        assertThat(rate.tryTake(10 * SECOND_NS)).isTrue();
        assertThat(rate.isFull(11 * SECOND_NS)).isTrue();
    }
}
