package io.ringledger.localstack.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which request meets which rule. */
final class FaultScriptTest {
    private static final FaultRule RESET = FaultRule.always(Fault.RESET_REQUEST, "PutRecord");

    private long nowNs = 1;

    private FaultScript script(final long seed) {
        return new FaultScript(seed, () -> nowNs);
    }

    private static List<Integer> taken(final FaultScript script, final int requests) {
        final List<Integer> taken = new ArrayList<>();
        for (int i = 1; i <= requests; i++) {
            if (script.onRequest("PutRecord") != null) {
                taken.add(i);
            }
        }
        return taken;
    }

    @Test
    void shouldTakeEveryNthUntilTheLimit() {
        final FaultScript script = script(1);
        script.add(RESET.everyNth(3).next(2));
        assertThat(taken(script, 20)).containsExactly(3, 6);
        assertThat(script.rules()).isEmpty();
        assertThat(script.fired()).containsEntry(Fault.RESET_REQUEST, 2L);
        assertThat(script.fired()).containsEntry(Fault.THROTTLE, 0L);
        assertThat(script.requests()).containsEntry("PutRecord", 20L);
    }

    @Test
    void shouldLeaveOtherActionsAlone() {
        final FaultScript script = script(1);
        script.add(RESET);
        assertThat(script.onRequest("GetRecords")).isNull();
        script.add(FaultRule.always(Fault.THROTTLE, ""));
        final @Nullable FaultRule any = script.onRequest("GetRecords");
        assertThat(any).isNotNull();
        assertThat(taken(script, 2)).containsExactly(1, 2);
        assertThat(script.fired()).containsEntry(Fault.RESET_REQUEST, 2L);
    }

    @Test
    void shouldTakeAShareAndTheSameOneWithTheSameSeed() {
        final FaultScript first = script(42);
        final FaultScript second = script(42);
        final FaultScript other = script(43);
        first.add(RESET.withProbability(0.2));
        second.add(RESET.withProbability(0.2));
        other.add(RESET.withProbability(0.2));
        final List<Integer> taken = taken(first, 1_000);
        assertThat(taken).hasSizeBetween(120, 280);
        assertThat(taken(second, 1_000)).isEqualTo(taken);
        assertThat(taken(other, 1_000)).isNotEqualTo(taken);
    }

    @Test
    void shouldEndARuleWithItsTimeOrByHand() {
        final FaultScript script = script(1);
        script.add(RESET.forMillis(100));
        nowNs += TimeUnit.MILLISECONDS.toNanos(99);
        assertThat(taken(script, 1)).hasSize(1);
        nowNs += TimeUnit.MILLISECONDS.toNanos(1);
        assertThat(taken(script, 1)).isEmpty();
        script.add(RESET);
        script.clear();
        assertThat(taken(script, 1)).isEmpty();
    }

    @Test
    void shouldRefuseRulesThatCannotBe() {
        assertThatThrownBy(() -> RESET.withProbability(0)).hasMessageContaining("probability=0.0");
        assertThatThrownBy(() -> RESET.withProbability(Double.NaN))
                .hasMessageContaining("probability=NaN");
        assertThatThrownBy(() -> RESET.everyNth(0)).hasMessageContaining("every=0");
        assertThatThrownBy(() -> FaultRule.always(Fault.DELAY_REQUEST, ""))
                .hasMessageContaining("delayMs=0");
        assertThatThrownBy(() -> FaultRule.delay(Fault.RESET_REQUEST, "", 5))
                .hasMessageContaining("delayMs=5");
        assertThatThrownBy(() -> Fault.of("nothing")).hasMessageContaining("drop_response");
    }
}
