package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

@Timeout(30)
final class LifecycleTest {
    private final List<String> stopped = new CopyOnWriteArrayList<>();

    private AutoCloseable part(final String name) {
        return () -> stopped.add(name);
    }

    @Test
    void shouldStopInTheOppositeOrderOnce() throws Exception {
        final Lifecycle lifecycle = new Lifecycle("test", 5_000);
        lifecycle.start("first", () -> part("first"));
        lifecycle.onStop("second", () -> stopped.add("second"));
        lifecycle.start("third", () -> part("third"));

        lifecycle.stop();
        lifecycle.stop();
        lifecycle.awaitStop();

        assertThat(stopped).containsExactly("third", "second", "first");
    }

    @Test
    void shouldGoOnAfterAStopThatFailsOrHangs() throws Exception {
        final CountDownLatch never = new CountDownLatch(1);
        final Lifecycle lifecycle = new Lifecycle("test", 200);
        lifecycle.start("quick", () -> part("quick"));
        lifecycle.onStop("hanging", never::await);
        lifecycle.onStop("failing", () -> {
            throw new IOException("planted");
        });

        lifecycle.stop();

        // The limit was used up when its turn came.
        assertThat(stopped).containsExactly("quick");
    }

    @Test
    void shouldUnwrapWhatAFutureFailedWith() throws Exception {
        assertThat(Lifecycle.await(Future.succeededFuture(7), 1_000)).isEqualTo(7);
        assertThatThrownBy(() ->
                        Lifecycle.await(Future.failedFuture(new IOException("planted")), 1_000))
                .isInstanceOf(IOException.class)
                .hasMessage("planted");
    }
}
