package io.ringledger.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** An OpenTelemetry collector as far as OTLP over HTTP goes: keeps what it is sent. Thread-safe. */
final class TraceCollector implements AutoCloseable {
    private static final HexFormat HEX = HexFormat.of();

    /** A span with the name of the service that it is of; ids as digits, attributes as text. */
    record Received(
            String service,
            String traceId,
            String spanId,
            String parentId,
            String name,
            Span.SpanKind kind,
            Map<String, String> attributes,
            boolean isError) {
        String attribute(final String key) {
            return attributes.getOrDefault(key, "none");
        }
    }

    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private volatile Consumer<Received> listener = span -> {};
    private volatile int status = 200;

    private TraceCollector(final HttpServer server) {
        this.server = server;
    }

    static TraceCollector start() throws IOException {
        final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        final TraceCollector collector = new TraceCollector(server);
        server.createContext("/v1/traces", collector::take);
        server.start();
        return collector;
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Hears of each span while its sender still waits for the answer. */
    void listener(final Consumer<Received> hears) {
        listener = hears;
    }

    /** What it answers from now on; what it does not answer with 200 it does not keep. */
    void answerWith(final int newStatus) {
        status = newStatus;
    }

    List<Received> spans() {
        return spans;
    }

    List<Received> spansOf(final String traceId) {
        return spans.stream().filter(span -> span.traceId().equals(traceId)).toList();
    }

    private void take(final HttpExchange exchange) throws IOException {
        try (exchange) {
            final byte[] body = exchange.getRequestBody().readAllBytes();
            final int now = status;
            if (now == 200) {
                keep(ExportTraceServiceRequest.parseFrom(body));
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(now, -1);
        }
    }

    private void keep(final ExportTraceServiceRequest request) {
        for (final ResourceSpans resource : request.getResourceSpansList()) {
            final String service = attributes(resource.getResource().getAttributesList())
                    .getOrDefault("service.name", "none");
            for (final ScopeSpans scope : resource.getScopeSpansList()) {
                for (final Span span : scope.getSpansList()) {
                    final Received received = received(service, span);
                    listener.accept(received);
                    spans.add(received);
                }
            }
        }
    }

    private static Received received(final String service, final Span span) {
        return new Received(
                service,
                HEX.formatHex(span.getTraceId().toByteArray()),
                HEX.formatHex(span.getSpanId().toByteArray()),
                HEX.formatHex(span.getParentSpanId().toByteArray()),
                span.getName(),
                span.getKind(),
                attributes(span.getAttributesList()),
                span.getStatus().getCode()
                        == io.opentelemetry.proto.trace.v1.Status.StatusCode.STATUS_CODE_ERROR);
    }

    private static Map<String, String> attributes(final List<KeyValue> list) {
        final Map<String, String> attributes = new TreeMap<>();
        for (final KeyValue attribute : list) {
            final String value = switch (attribute.getValue().getValueCase()) {
                case STRING_VALUE -> attribute.getValue().getStringValue();
                case INT_VALUE -> Long.toString(attribute.getValue().getIntValue());
                case BOOL_VALUE -> Boolean.toString(attribute.getValue().getBoolValue());
                default -> attribute.getValue().toString();
            };
            attributes.put(attribute.getKey(), value);
        }
        return attributes;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
