package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How often the parts of a process are asked. */
final class HealthTest {
    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 10);
    private final Health health = new Health(nowNs::get);
    private final List<Promise<@Nullable String>> asked = new ArrayList<>();

    private Future<@Nullable String> check() {
        final Promise<@Nullable String> answer = Promise.promise();
        asked.add(answer);
        return answer.future();
    }

    private static List<Health.Part> views(final @Nullable String reason) {
        return List.of(new Health.Part("views", reason));
    }

    @Test
    void shouldAskAPartOnceHoweverManyAskForIt() {
        health.addReadiness("views", this::check);
        final Future<List<Health.Part>> first = health.readiness();
        final Future<List<Health.Part>> second = health.readiness();
        assertThat(asked).hasSize(1);
        assertThat(second.isComplete()).isFalse();
        asked.getFirst().complete("away");
        assertThat(first.result()).isEqualTo(views("away"));
        assertThat(second.result()).isEqualTo(views("away"));
    }

    @Test
    void shouldKeepAnAnswerForASecondAfterItCame() {
        health.addReadiness("views", this::check);
        final Future<List<Health.Part>> first = health.readiness();
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(5));
        asked.getFirst().complete("away");
        assertThat(first.isComplete()).isTrue();
        // The clock's number runs over here.
        nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(999));
        assertThat(health.readiness().result()).isEqualTo(views("away"));
        assertThat(asked).hasSize(1);
        nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        final Future<List<Health.Part>> next = health.readiness();
        assertThat(asked).hasSize(2);
        asked.getLast().complete();
        assertThat(next.result()).isEqualTo(views(null));
    }

    @Test
    void shouldNotAnswerForAPartThatWasNotThereYet() {
        health.addReadiness("views", this::check);
        final Future<List<Health.Part>> before = health.readiness();
        health.addReadiness("log", () -> Future.succeededFuture());
        final Future<List<Health.Part>> after = health.readiness();
        assertThat(asked).hasSize(2);
        asked.getLast().complete();
        asked.getFirst().complete();
        assertThat(before.result()).hasSize(1);
        assertThat(after.result()).hasSize(2);
        assertThat(health.readiness().result()).hasSize(2);
        assertThat(asked).hasSize(2);
    }
}
