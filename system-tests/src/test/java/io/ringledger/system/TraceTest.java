package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.ringledger.kit.trace.TraceParent;
import io.ringledger.ledger.log.KinesisClients;
import io.ringledger.ledger.log.KinesisPartitionLog;
import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;
import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventHandler;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.system.TraceCollector.Received;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One trace from a withdraw to its row in Postgres, through the services and what they run on, as a
 * collector gets it; and what is not sampled leaves nothing behind.
 */
final class TraceTest {
    private static final int PARTITIONS = 2;
    private static final long PATIENCE_MS = 60_000;
    private static final String ACCOUNT = "customer-of-trace-test";
    private static final String KEY_PREFIX = "key-of-trace-test-";
    private static final String REFERENCE = "reference-of-trace-test";
    private static final long AMOUNT = 314_159;
    private static final String THERE = "there";

    private static final List<String> LOGGERS = List.of(
            "io.ringledger.ledger.http.CommandTrace", "io.ringledger.consumer.ProjectionTraces");

    private static final Map<String, String> ROWS = new ConcurrentHashMap<>();
    private static final LinesWithIds LINES = new LinesWithIds();

    private static TraceCollector collector;
    private static LocalStack stack;
    private static Api api;

    /** The lines about sampled commands, as logger, correlation id, partition and sequence. */
    private static final class LinesWithIds extends AppenderBase<ILoggingEvent> {
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(final ILoggingEvent event) {
            final Map<String, String> pairs = event.getKeyValuePairs().stream()
                    .collect(Collectors.toMap(pair -> pair.key, pair -> "" + pair.value));
            lines.add(event.getLoggerName() + " " + pairs.get("correlationId") + " "
                    + pairs.get("partition") + "-" + pairs.get("sequence"));
        }
    }

    @BeforeAll
    static void start() throws Exception {
        collector = TraceCollector.start();
        collector.listener(span -> {
            if (span.name().equals("project")) {
                // Asked while the span has just ended: the row must be there by then.
                final String position = position(span);
                ROWS.put(position, entryAt(position));
            }
        });
        LINES.start();
        LOGGERS.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).addAppender(LINES));
        stack = Stacks.start(new StackOptions(
                0,
                PARTITIONS,
                false,
                false,
                Map.of(
                        "RINGLEDGER_TRACE_ENDPOINT", collector.endpoint(),
                        "RINGLEDGER_TRACE_FOLLOW_CALLER", "true",
                        "RINGLEDGER_TRACE_SAMPLE_PER_MILLION", "0",
                        "RINGLEDGER_TRACE_MAX_PER_SECOND", "1000"),
                Map.of()));
        api = new Api(stack.url());
        write(
                "open",
                null,
                "/v1/accounts",
                "{\"accountId\":\"" + ACCOUNT + "\",\"currency\":\"EUR\"}");
        write("seed", null, "/v1/accounts/" + ACCOUNT + "/credit", "{\"amount\":9000000000}");
    }

    @AfterAll
    static void stop() {
        LOGGERS.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).detachAppender(LINES));
        api.close();
        stack.close();
        collector.close();
    }

    @Test
    void shouldShowOneTraceFromAWithdrawToItsRow() throws Exception {
        final TraceParent client = TraceParent.fresh(true);
        final String position = withdraw("one", client, 201);
        final HttpResponse<String> balance =
                api.send(api.request("/v1/accounts/" + ACCOUNT + "/balance?after=" + position)
                        .header(TraceParent.HEADER, client.header())
                        .GET()
                        .build());
        assertThat(balance.statusCode()).isEqualTo(200);

        final Received request = span(client, "POST /v1/accounts/{accountId}/withdraw");
        final Received commit = span(client, "commit");
        final Received project = span(client, "project");
        final Received query = span(client, "GET /v1/accounts/{accountId}/balance");
        assertThat(collector.spansOf(client.traceId())).hasSize(4);

        assertThat(request.service()).isEqualTo("ledger");
        assertThat(request.kind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
        assertThat(request.parentId()).isEqualTo(TraceParent.spanId(client.spanId()));
        assertThat(request.attributes())
                .containsEntry("http.request.method", "POST")
                .containsEntry("http.route", "/v1/accounts/{accountId}/withdraw")
                .containsEntry("http.response.status_code", "201")
                .containsEntry("ringledger.replayed", "false");
        assertThat(position(request)).isEqualTo(position);

        assertThat(commit.service()).isEqualTo("ledger");
        assertThat(commit.kind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
        assertThat(commit.parentId()).isEqualTo(request.spanId());
        assertThat(position(commit)).isEqualTo(position);

        assertThat(project.service()).isEqualTo("kinesis-consumer");
        assertThat(project.kind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
        assertThat(project.parentId()).isEqualTo(commit.spanId());
        assertThat(position(project)).isEqualTo(position);
        assertThat(project.attribute("ringledger.frame"))
                .isEqualTo(commit.attribute("ringledger.frame"));
        assertThat(ROWS).containsEntry(position, THERE);

        assertThat(query.service()).isEqualTo("read-model");
        assertThat(query.parentId()).isEqualTo(TraceParent.spanId(client.spanId()));
        for (final String logger : LOGGERS) {
            assertThat(LINES.lines).contains(logger + " " + client.traceId() + " " + position);
        }
    }

    @Test
    void shouldTraceARefusalToTheViewsToo() throws Exception {
        final TraceParent client = TraceParent.fresh(true);
        final HttpResponse<String> refused = write(
                "much",
                client,
                "/v1/accounts/" + ACCOUNT + "/withdraw",
                "{\"amount\":9000000000000}");
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(span(client, "POST /v1/accounts/{accountId}/withdraw").attributes())
                .containsEntry("http.response.status_code", "422")
                .containsEntry("ringledger.problem", "insufficient_funds");
        assertThat(position(span(client, "project"))).isEqualTo(Api.positionIn(refused));
    }

    /** The event is that of the first request; the retry's own trace says what it was. */
    @Test
    void shouldSayOfARetryThatItWasOne() throws Exception {
        final TraceParent first = TraceParent.fresh(true);
        final TraceParent retry = TraceParent.fresh(true);
        final TraceParent later = TraceParent.fresh(true);
        final String position = withdraw("retried", first, 201);
        assertThat(withdraw("retried", retry, 201)).isEqualTo(position);
        withdraw("later", later, 201);
        span(later, "project");
        assertThat(span(retry, "commit").attributes()).containsEntry("ringledger.replayed", "true");
        assertThat(position(span(retry, "commit"))).isEqualTo(position);
        assertThat(position(span(first, "project"))).isEqualTo(position);
        assertThat(collector.spansOf(retry.traceId()))
                .noneMatch(span -> span.name().equals("project"));
    }

    @Test
    void shouldTraceABatchAsOneRequest() throws Exception {
        final TraceParent client = TraceParent.fresh(true);
        final StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            commands.append(i == 0 ? "" : ",")
                    .append("{\"op\":\"openAccount\",\"accountId\":\"trace-batch-")
                    .append(i)
                    .append("\",\"currency\":\"EUR\",\"idempotencyKey\":\"trace-b\"}");
        }
        final HttpResponse<String> response =
                write(null, client, "/v1/batches", "{\"commands\":[" + commands + "]}");
        assertThat(response.statusCode()).isEqualTo(200);
        final Received commit = span(client, "commit");
        assertThat(commit.attributes()).containsEntry("ringledger.commands", "20");
        Stacks.await(
                "20 events of the batch in the views",
                PATIENCE_MS,
                () -> projected(client).stream()
                                .mapToInt(span ->
                                        Integer.parseInt(span.attribute("ringledger.events")))
                                .sum()
                        == 20);
        assertThat(projected(client)).allMatch(span -> span.parentId().equals(commit.spanId()));
        assertThat(projected(client)).hasSizeLessThan(20);
    }

    @Test
    void shouldLeaveNothingOfWhatIsNotSampled() throws Exception {
        final TraceParent unsampled = TraceParent.fresh(false);
        final TraceParent sampled = TraceParent.fresh(true);
        final String without = withdraw("none", null, 201);
        final String with = withdraw("flag-0", unsampled, 201);
        final String traced = withdraw("flag-1", sampled, 201);
        span(sampled, "project");
        assertThat(collector.spansOf(unsampled.traceId())).isEmpty();
        final Map<String, Integer> versions = versions();
        assertThat(versions)
                .containsEntry(without, 0)
                .containsEntry(with, 0)
                .containsEntry(traced, 1);
    }

    @Test
    void shouldGoOnWithoutACollector() throws Exception {
        collector.answerWith(503);
        try {
            final String position = withdraw("no-collector", TraceParent.fresh(true), 201);
            assertThat(api.get("/v1/accounts/" + ACCOUNT + "/balance?after=" + position)
                            .statusCode())
                    .isEqualTo(200);
            Stacks.await(
                    "dropped spans are counted",
                    PATIENCE_MS,
                    () -> metrics()
                            .lines()
                            .filter(line -> line.startsWith("ringledger_trace_spans_dropped_total")
                                    && line.contains("reason=\"collector\""))
                            .anyMatch(line -> !line.endsWith(" 0.0")));
        } finally {
            collector.answerWith(200);
        }
    }

    /** Whoever reads traces need not be somebody who may see accounts. */
    @Test
    void shouldTellNothingThatIsTheCustomers() throws Exception {
        final TraceParent client = TraceParent.fresh(true);
        withdraw("private", client, 201);
        span(client, "project");
        for (final Received span : collector.spans()) {
            assertThat(span.toString())
                    .doesNotContain(ACCOUNT, KEY_PREFIX, REFERENCE, Long.toString(AMOUNT));
        }
    }

    private static String withdraw(
            final String key, final @Nullable TraceParent parent, final int status)
            throws Exception {
        final HttpResponse<String> response = write(
                key,
                parent,
                "/v1/accounts/" + ACCOUNT + "/withdraw",
                "{\"amount\":" + AMOUNT + ",\"reference\":\"" + REFERENCE + "\"}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Api.positionIn(response);
    }

    private static HttpResponse<String> write(
            final @Nullable String key,
            final @Nullable TraceParent parent,
            final String target,
            final String body)
            throws Exception {
        final HttpRequest.Builder request = api.request(target)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Idempotency-Key", KEY_PREFIX + key);
        }
        if (parent != null) {
            request.header(TraceParent.HEADER, parent.header());
        }
        return api.send(request.build());
    }

    /** The span of this name, once the collector has it. */
    private static Received span(final TraceParent trace, final String name) throws Exception {
        Stacks.await(
                "span " + name + ", there are " + collector.spansOf(trace.traceId()),
                PATIENCE_MS,
                () -> collector.spansOf(trace.traceId()).stream()
                        .anyMatch(span -> span.name().equals(name)));
        return collector.spansOf(trace.traceId()).stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Received> projected(final TraceParent trace) {
        return collector.spansOf(trace.traceId()).stream()
                .filter(span -> span.name().equals("project"))
                .toList();
    }

    private static String position(final Received span) {
        return span.attribute("ringledger.partition") + "-" + span.attribute("ringledger.sequence");
    }

    private static String metrics() {
        try {
            return api.get("/metrics").body();
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String entryAt(final String position) {
        final String[] parts = position.split("-", -1);
        try (Connection connection =
                        DriverManager.getConnection(stack.postgres().jdbcUrl());
                PreparedStatement rows = connection.prepareStatement(
                        "SELECT count(*) FROM ledger_view.entries WHERE partition = ? AND sequence = ?")) {
            rows.setInt(1, Integer.parseInt(parts[0]));
            rows.setLong(2, Long.parseLong(parts[1]));
            try (ResultSet found = rows.executeQuery()) {
                return found.next() && found.getLong(1) > 0 ? THERE : "not there";
            }
        } catch (final SQLException e) {
            // Thrown, it would look like a collector that refuses.
            return e.toString();
        }
    }

    /** Of each event in the log, by its position, the version of the schema that it has. */
    private static Map<String, Integer> versions() throws Exception {
        final Map<String, Integer> versions = new TreeMap<>();
        final URI endpoint = stack.kinesis().endpoint();
        try (KinesisAsyncClient kinesis = KinesisClients.create(endpoint, Duration.ofSeconds(20));
                FrameReader frames = new FrameReader()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                final LogReader reader = new KinesisPartitionLog(
                                kinesis, "ringledger", partition, PARTITIONS)
                        .reader(null);
                LogPage page;
                do {
                    page = reader.next()
                            .toCompletableFuture()
                            .get(PATIENCE_MS, TimeUnit.MILLISECONDS);
                    for (final LogRecord record : page.records()) {
                        if (!EpochMarker.isMarker(record.data())) {
                            frames.open(record.data());
                            frames.readEvents(new Versions(versions, partition + "-"));
                        }
                    }
                } while (!page.isAtEnd());
            }
        }
        return versions;
    }

    /** Notes versions. */
    private record Versions(Map<String, Integer> versions, String prefix) implements EventHandler {
        @Override
        public void onAccountOpened(
                final long sequence, final long timeMs, final AccountOpenedDecoder event) {
            versions.put(prefix + sequence, event.actingVersion());
        }

        @Override
        public void onTransactionPosted(
                final long sequence, final long timeMs, final TransactionPostedDecoder event) {
            versions.put(prefix + sequence, event.actingVersion());
        }

        @Override
        public void onCreditLimitChanged(
                final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
            versions.put(prefix + sequence, event.actingVersion());
        }

        @Override
        public void onCommandRefused(
                final long sequence, final long timeMs, final CommandRefusedDecoder event) {
            versions.put(prefix + sequence, event.actingVersion());
        }

        @Override
        public void onFrameEnd() {}
    }
}
