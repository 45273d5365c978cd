package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Failpoints, in processes of their own: they end them. */
final class FailpointsTest {
    private static final long DEADLINE_S = 60;

    /** Passes a step five times, and says so. */
    static final class Walk {
        private Walk() {}

        public static void main(final String[] arguments) {
            Failpoints.check(System.getenv());
            for (int i = 1; i <= 5; i++) {
                Failpoints.before(Failpoint.APPLY);
                System.out.print(i);
                System.out.flush();
                Failpoints.after(Failpoint.APPLY);
            }
            System.out.print("end");
        }
    }

    private record Ended(int exitCode, String printed, String errors, long tookMs) {}

    private static Ended walk(final Map<String, String> environment)
            throws IOException, InterruptedException {
        final Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        final ProcessBuilder builder = new ProcessBuilder(List.of(
                java.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Walk.class.getName()));
        builder.environment().putAll(environment);
        final long startNs = System.nanoTime();
        final Process process = builder.start();
        final String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        final String errors =
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
        return new Ended(
                process.exitValue(),
                printed,
                errors,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
    }

    private static Map<String, String> armed(final String point) {
        return Map.of("RINGLEDGER_FAILPOINT", point, "RINGLEDGER_ALLOW_FAILPOINTS", "yes");
    }

    @Test
    void shouldDoNothingWhenOff() throws Exception {
        final Ended ended = walk(Map.of());
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.printed()).isEqualTo("12345end");
    }

    @Test
    void shouldEndTheProcessAtTheStep() throws Exception {
        final Ended before = walk(armed("apply:before:3"));
        assertThat(before.exitCode()).isEqualTo(Failpoints.EXIT_CODE);
        assertThat(before.printed()).isEqualTo("12");
        assertThat(before.errors()).contains("failpoint reached: apply:before:3");
        final Ended after = walk(armed("apply:after:3"));
        assertThat(after.exitCode()).isEqualTo(Failpoints.EXIT_CODE);
        assertThat(after.printed()).isEqualTo("123");
    }

    @Test
    void shouldFreezeAndGoOn() throws Exception {
        final Ended ended = walk(armed("apply:after:1:pause:1500"));
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.printed()).isEqualTo("12345end");
        assertThat(ended.tookMs()).isGreaterThanOrEqualTo(1_500);
    }

    @Test
    void shouldThrowAtTheStepAndGoOnAfterwards() throws Exception {
        final Ended ended = walk(armed("apply:before:3:fail:2"));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.printed()).isEqualTo("12");
        assertThat(ended.errors()).contains("failpoint: apply:before:3:fail:2");
        final Failpoints.Plan plan = Failpoints.Plan.parse("apply:before:3:fail:2");
        assertThat(IntStream.range(0, 6)
                        .mapToObj(i -> plan.isReachedBy(Failpoint.APPLY, false))
                        .toList())
                .containsExactly(false, false, true, true, false, false);
    }

    @Test
    void shouldRefuseToStartWithoutThePermission() throws Exception {
        final Ended ended = walk(Map.of("RINGLEDGER_FAILPOINT", "apply:before:3"));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.printed()).isEmpty();
        assertThat(ended.errors())
                .contains("RINGLEDGER_FAILPOINT=apply:before:3 kills this process")
                .contains("RINGLEDGER_ALLOW_FAILPOINTS=yes");
        assertThatThrownBy(() -> Failpoints.check(Map.of(
                        "RINGLEDGER_FAILPOINT", "apply:before:3",
                        "RINGLEDGER_ALLOW_FAILPOINTS", "true")))
                .isInstanceOf(SettingsException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apply",
                "apply:before",
                "apply:during:1",
                "apply:before:0",
                "apply:before:x",
                "apply:before:1:pause",
                "apply:before:1:pause:0",
                "apply:before:1:stop:5",
                "apply:before:1:fail:0",
                "nothing:before:1"
            })
    void shouldRefuseWhatItDoesNotKnow(final String point) {
        assertThatThrownBy(() -> Failpoints.check(armed(point)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("RINGLEDGER_FAILPOINT=" + point);
    }

    @Test
    void shouldKnowEveryStep() {
        for (final Failpoint point : Failpoint.values()) {
            assertThatCode(() -> Failpoints.check(armed(point.wireName() + ":after:1")))
                    .doesNotThrowAnyException();
        }
        assertThatCode(() -> Failpoints.check(Map.of())).doesNotThrowAnyException();
    }
}
