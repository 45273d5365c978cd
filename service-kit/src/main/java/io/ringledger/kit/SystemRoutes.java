package io.ringledger.kit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * The paths that every service has: {@code /health/live}, {@code /health/ready}, {@code /metrics}
 * and {@code /problems/<code>}; every other request goes to the service's own handler. Thread-safe.
 *
 * <p>Liveness and the pages of problems are for everybody. Whether the service is ready is too, but
 * which part is not, and the metrics, are for those who operate it. Everything else needs the scope
 * of its method, before anybody looks at whether there is such a path.
 */
public final class SystemRoutes implements Handler<HttpServerRequest> {
    private static final String ALLOW = "GET, HEAD, OPTIONS";
    private static final String PROBLEMS = "/problems/";
    private static final int MAX_BODY_BYTES = 16_384;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Logger LOG = LoggerFactory.getLogger(SystemRoutes.class);
    private static final JsonFactory JSON = new JsonFactory();

    private final Metrics metrics;
    private final Health health;
    private final Access access;
    private final GrantedHandler others;

    /** The parts that were not ready when somebody asked last. */
    private final AtomicReference<String> lastTrouble = new AtomicReference<>("");

    /** The same where nobody is asked who they are. */
    public SystemRoutes(
            final Metrics metrics, final Health health, final Handler<HttpServerRequest> others) {
        this(metrics, health, Access.OPEN, (request, grant) -> others.handle(request));
    }

    /** Serves the common paths and hands on what is not one of them. */
    public SystemRoutes(
            final Metrics metrics,
            final Health health,
            final Access access,
            final GrantedHandler others) {
        this.metrics = metrics;
        this.health = health;
        this.access = access;
        this.others = others;
    }

    @Override
    public void handle(final HttpServerRequest request) {
        final String uri = request.uri();
        if (uri.startsWith("/v1/")) {
            access.check(request, Scope.of(request.method()), others);
            return;
        }
        final String path = request.path();
        final boolean ours = path != null
                && (path.equals("/health/live")
                        || path.equals("/health/ready")
                        || path.equals("/metrics")
                        || path.startsWith(PROBLEMS));
        if (!ours) {
            access.check(request, Scope.of(request.method()), others);
            return;
        }
        final HttpMethod method = request.method();
        if (HttpMethod.OPTIONS.equals(method)) {
            request.response()
                    .putHeader(HttpHeaders.ALLOW, ALLOW)
                    .setStatusCode(204)
                    .end();
        } else if (!HttpMethod.GET.equals(method) && !HttpMethod.HEAD.equals(method)) {
            HttpBody.refuse(request, MAX_BODY_BYTES, Problem.methodNotAllowed(ALLOW));
        } else {
            get(request, path);
        }
    }

    private void get(final HttpServerRequest request, final String path) {
        switch (path) {
            case "/health/live" ->
                answer(request, 200, "application/json", "{\"status\":\"live\"}");
            case "/health/ready" -> ready(request);
            case "/metrics" ->
                access.check(
                        request,
                        Scope.OPERATE,
                        (checked, grant) ->
                                answer(checked, 200, Metrics.CONTENT_TYPE, metrics.scrape()));
            default -> answerProblemPage(request, path.substring(PROBLEMS.length()));
        }
    }

    /** A load balancer has no token: it hears whether, not why. */
    private void ready(final HttpServerRequest request) {
        if (access != Access.OPEN && !request.headers().contains(HttpHeaders.AUTHORIZATION)) {
            tellReadiness(request, false);
            return;
        }
        access.check(request, Scope.OPERATE, (checked, grant) -> tellReadiness(checked, true));
    }

    /** The answer may be one that another event loop has asked for. */
    private void tellReadiness(final HttpServerRequest request, final boolean isDetailed) {
        final Context context = Vertx.currentContext();
        health.readiness()
                .onSuccess(parts ->
                        context.runOnContext(ignored -> readinessIs(request, parts, isDetailed)));
    }

    private void readinessIs(
            final HttpServerRequest request,
            final List<Health.Part> parts,
            final boolean isDetailed) {
        final String trouble = parts.stream()
                .filter(part -> part.reason() != null)
                .map(Health.Part::name)
                .collect(Collectors.joining(", "));
        // Reasons count milliseconds: a line for each answer would say the same again and again.
        if (!trouble.equals(lastTrouble.getAndSet(trouble))) {
            if (trouble.isEmpty()) {
                LOG.info("ready");
            } else {
                LOG.warn("not ready: {}", parts);
            }
        }
        answerReadiness(request, parts, isDetailed);
    }

    private static void answerReadiness(
            final HttpServerRequest request,
            final List<Health.Part> parts,
            final boolean isDetailed) {
        final boolean ready = parts.stream().allMatch(part -> part.reason() == null);
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("status", ready ? "ready" : "not_ready");
            if (isDetailed) {
                writeParts(json, parts);
            }
            json.writeEndObject();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        final HttpServerResponse response = request.response();
        if (!response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
            response.setStatusCode(ready ? 200 : 503).end(Buffer.buffer(bytes.toByteArray()));
        }
    }

    private static void writeParts(final JsonGenerator json, final List<Health.Part> parts)
            throws IOException {
        json.writeArrayFieldStart("parts");
        for (final Health.Part part : parts) {
            json.writeStartObject();
            json.writeStringField("name", part.name());
            json.writeBooleanField("ready", part.reason() == null);
            if (part.reason() != null) {
                json.writeStringField("reason", part.reason());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void answerProblemPage(final HttpServerRequest request, final String name) {
        final ProblemCode code = ProblemCode.ofWireName(name);
        if (code == null) {
            Problem.of(ProblemCode.ROUTE_NOT_FOUND, "there is no such problem").send(request);
            return;
        }
        final String outcome = switch (code.outcome()) {
            case NOT_APPLIED -> "Nothing was changed.";
            case APPLIED -> "The command took effect.";
            case UNKNOWN -> "The command may or may not have taken effect.";
        };
        final String retry = switch (code.retry()) {
            case SAME_KEY -> "Send the same request again with the same Idempotency-Key.";
            case NEW_KEY -> "Change the request and send it with a new Idempotency-Key.";
            case NEVER -> "Do not send it again.";
        };
        answer(
                request,
                200,
                TEXT,
                code.wireName() + " (HTTP " + code.status() + ")\n\n" + code.title() + ".\n"
                        + outcome + "\n" + retry + "\n");
    }

    private static void answer(
            final HttpServerRequest request,
            final int status,
            final String contentType,
            final String body) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .end(body);
    }
}
