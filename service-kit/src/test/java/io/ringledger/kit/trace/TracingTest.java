package io.ringledger.kit.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringledger.kit.Grant;
import io.ringledger.kit.GrantedHandler;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Who is traced, and that a collector which is away is nobody's business. */
final class TracingTest {
    private static final int BOUND = 5;
    private static final String NOWHERE = "http://127.0.0.1:1";

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanoTime = new AtomicLong();
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final List<String> sampled = Collections.synchronizedList(new ArrayList<>());

    /** Surefire sets up what takes output when the first comes, and cannot on the JDK's HTTP threads. */
    @BeforeAll
    static void beginOutput() {
        System.out.println("TracingTest: at most " + BOUND + " requests a second");
    }

    @AfterEach
    void close() throws Exception {
        while (!toClose.isEmpty()) {
            toClose.pop().close();
        }
    }

    private Tracing tracing(
            final String endpoint, final int perMillion, final boolean follows, final int queue) {
        final Tracing tracing = Tracing.open(
                new TraceOptions(endpoint, perMillion, follows, BOUND, queue),
                "test",
                meters,
                nanoTime::get);
        toClose.push(tracing);
        return tracing;
    }

    /** A server that notes the trace ids of the requests that are sampled. */
    private URI serve(final Tracing tracing) throws Exception {
        final Vertx vertx = Vertx.vertx();
        toClose.push(() ->
                vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS));
        final GrantedHandler handler = tracing.serving((request, grant) -> {
            final TraceSpan span = tracing.of(request);
            if (span != null) {
                sampled.add(span.context().traceId());
            }
            request.response().end("ok");
        });
        final int port = vertx.createHttpServer()
                .requestHandler(request -> handler.handle(request, Grant.EVERYTHING))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    private static void ask(final HttpClient client, final URI uri, final String... traceparents)
            throws Exception {
        final HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (final String traceparent : traceparents) {
            request.header(TraceParent.HEADER, traceparent);
        }
        assertThat(client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .body())
                .isEqualTo("ok");
    }

    private static String traceparent(final long low, final boolean isSampled) {
        return new TraceParent(1, low, 7, isSampled).header();
    }

    @Test
    void shouldTraceNoMoreThanTheBoundWhateverCallersSend() throws Exception {
        final URI uri = serve(tracing(NOWHERE, 1_000_000, true, 64));
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int second = 0; second < 3; second++) {
                for (int i = 0; i < 100; i++) {
                    ask(client, uri, TraceParent.fresh(true).header());
                }
                assertThat(sampled).hasSize((second + 1) * BOUND);
                nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
            }
        }
        assertThat(meters.get("ringledger.trace.sampled").functionCounter().count())
                .isEqualTo(3 * BOUND);
        assertThat(meters.get("ringledger.trace.over.bound").functionCounter().count())
                .isEqualTo(3 * (100 - BOUND));
    }

    @Test
    void shouldFollowCallersOnlyIfItIsTold() throws Exception {
        final URI deaf = serve(tracing(NOWHERE, 0, false, 64));
        final URI following = serve(tracing(NOWHERE, 0, true, 64));
        final String parent = traceparent(9, true);
        try (HttpClient client = HttpClient.newHttpClient()) {
            ask(client, deaf, parent);
            assertThat(sampled).isEmpty();
            ask(client, following, traceparent(9, false));
            ask(client, following);
            ask(client, following, parent.replace("00-", "ff-"));
            ask(client, following, parent, parent);
            assertThat(sampled).isEmpty();
            ask(client, following, parent);
            assertThat(sampled).containsExactly(new TraceParent(1, 9, 7, true).traceId());
        }
    }

    /** The owner that a command is forwarded to decides like the process that forwards it. */
    @Test
    void shouldDrawTheSameTracesInEveryProcess() throws Exception {
        final URI one = serve(tracing(NOWHERE, 1_000, false, 64));
        final URI other = serve(tracing(NOWHERE, 1_000, false, 64));
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (final long low : new long[] {999, 1_000, 1_000_999, 5_000_000_000_500L}) {
                final int before = sampled.size();
                ask(client, one, traceparent(low, false));
                final int drawn = sampled.size() - before;
                ask(client, other, traceparent(low, false));
                assertThat(sampled.size() - before).isEqualTo(2 * drawn);
                assertThat(drawn).isEqualTo(low == 1_000 ? 0 : 1);
            }
        }
    }

    @Test
    void shouldDropAndCountWhatACollectorThatIsAwayDoesNotTake() throws Exception {
        final int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        final int queue = 64;
        final int spans = 5_000;
        final Tracing tracing = tracing("http://127.0.0.1:" + port, 0, true, queue);
        end(tracing, spans);
        await(() -> dropped("queue_full") + dropped("collector") == spans);
        assertThat(dropped("queue_full")).isPositive();
        assertThat(dropped("collector")).isPositive();
        assertThat(meters.get("ringledger.trace.spans.waiting").gauge().value()).isZero();
    }

    @Test
    void shouldSendWhatACollectorTakes() throws Exception {
        final AtomicLong posts = new AtomicLong();
        final HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            exchange.getRequestBody().readAllBytes();
            posts.incrementAndGet();
            answer(exchange, 200);
        });
        collector.start();
        toClose.push(() -> collector.stop(0));
        final String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        final Tracing tracing = tracing(endpoint, 0, true, 2_048);
        end(tracing, 10);
        await(() ->
                meters.get("ringledger.trace.spans.exported").functionCounter().count() == 10);
        assertThat(posts).hasPositiveValue();
        assertThat(dropped("queue_full") + dropped("collector")).isZero();
    }

    private static void answer(final com.sun.net.httpserver.HttpExchange exchange, final int status)
            throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    /** The clock moves, so that the bound is none here. */
    private void end(final Tracing tracing, final int spans) {
        for (int i = 0; i < spans; i++) {
            nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
            final TraceParent sender = new TraceParent(1, 1, 1, true);
            Objects.requireNonNull(tracing.received("s", sender, 1)).end();
        }
    }

    private double dropped(final String reason) {
        return meters.get("ringledger.trace.spans.dropped")
                .tag("reason", reason)
                .functionCounter()
                .count();
    }

    private static void await(final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not within a minute").isLessThan(deadlineNs);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void shouldBeOffWithoutAnEndpoint() {
        final Tracing tracing = tracing("", 1_000_000, true, 64);
        assertThat(tracing).isSameAs(Tracing.OFF);
        final GrantedHandler handler = (request, grant) -> {};
        assertThat(tracing.serving(handler)).isSameAs(handler);
        assertThat(tracing.received("s", new TraceParent(1, 1, 1, true), 1)).isNull();
        assertThat(meters.getMeters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:4318",
                "ftp://localhost:4318",
                "http://",
                "http://localhost:4318/v1/traces",
                "http://localhost:4318?x=1",
                "http://user:secret@localhost:4318",
                "http://local host:4318"
            })
    void shouldRefuseWhatIsNoAddress(final String endpoint) {
        assertThatThrownBy(() -> new TraceOptions(endpoint, 0, false, 1, 64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RINGLEDGER_TRACE_ENDPOINT");
    }
}
