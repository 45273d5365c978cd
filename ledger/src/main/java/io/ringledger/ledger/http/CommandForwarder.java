package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.trace.TraceParent;
import io.ringledger.kit.trace.TraceSpan;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.Serial;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Hands commands to the process that owns their partition. One hop: what was forwarded is never
 * forwarded again ({@link #isForwarded}), so that two processes that think of each other as the owner
 * answer {@code no_owner} and send nothing round. An owner that has announced a certificate is spoken to
 * only if it shows that one, before anything is sent. Never retries: whether the client's command has
 * been applied is unknown once it was sent. Used on event loops; thread-safe.
 */
final class CommandForwarder {
    /** The answer of the owner, as it goes to the client. */
    record Answer(
            int status,
            @Nullable String contentType,
            @Nullable String replayed,
            @Nullable String retryAfter,
            @Nullable String challenge,
            Buffer body) {}

    /** The owner gave no answer; the code says whether the command may have been applied. */
    static final class ForwardException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final ProblemCode code;

        ForwardException(final ProblemCode code, final Throwable cause) {
            super(code.wireName(), cause);
            this.code = code;
        }

        ProblemCode code() {
            return code;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(CommandForwarder.class);
    /** Why an owner did not take the client's token. */
    static final CharSequence CHALLENGE = HttpHeaders.createOptimized("www-authenticate");

    private static final CharSequence FORWARDED =
            HttpHeaders.createOptimized("ringledger-forwarded");
    private static final CharSequence IDEMPOTENCY_KEY =
            HttpHeaders.createOptimized("idempotency-key");

    private static final int CONNECT_TIMEOUT_MS = 1_000;
    private static final int CONNECTIONS_PER_OWNER = 64;
    private static final int MAX_WAITING = 10_000;
    private static final int IDLE_TIMEOUT_S = 20;

    /** Of processes that have gone, too: then all are forgotten. */
    private static final int MAX_OWNERS_KNOWN = 1_000;

    private final Map<String, OwnerAddress> owners = new ConcurrentHashMap<>();
    private final HttpClient client;
    private final String ledger;
    private final int answerTimeoutMs;

    /**
     * @param ledger the name of the ledger, which a forwarded request carries
     * @param answerTimeoutMs how long an owner may take to answer
     */
    CommandForwarder(final Vertx vertx, final String ledger, final int answerTimeoutMs) {
        this.ledger = ledger;
        this.answerTimeoutMs = answerTimeoutMs;
        client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_TIMEOUT_MS)
                        .setKeepAliveTimeout(IDLE_TIMEOUT_S)
                        .setTcpNoDelay(true),
                new PoolOptions()
                        .setHttp1MaxSize(CONNECTIONS_PER_OWNER)
                        .setMaxWaitQueueSize(MAX_WAITING));
    }

    /** True if another process has forwarded the request. */
    static boolean isForwarded(final HttpServerRequest request) {
        return request.headers().contains(FORWARDED);
    }

    /** True if it meant another ledger: an address may have had another owner before. */
    boolean isAstray(final HttpServerRequest request) {
        final String meant = request.getHeader(FORWARDED);
        return meant != null && !meant.equals(ledger);
    }

    /**
     * Sends a command or a batch to its owner.
     *
     * @param address the owner, as it has announced itself ({@link OwnerAddress})
     * @param authorization what the client showed, for the owner asks too; null if it showed nothing
     * @param traceparent under which the owner's log and spans belong to the request; may be
     *     empty
     * @param key the idempotency key of a single command, or null
     * @return fails with {@link ForwardException} only
     */
    Future<Answer> send(
            final String address,
            final HttpMethod method,
            final String uri,
            final @Nullable String authorization,
            final String traceparent,
            final @Nullable String key,
            final Buffer body) {
        final OwnerAddress owner;
        try {
            owner = owner(address);
        } catch (final IllegalArgumentException e) {
            return failed(address, ProblemCode.NO_OWNER, e);
        }
        final RequestOptions options = owner.applyTo(new RequestOptions())
                .setMethod(method)
                .setURI(uri)
                .setConnectTimeout(CONNECT_TIMEOUT_MS)
                .putHeader(HttpHeaders.CONTENT_TYPE, CommandExchange.JSON)
                .putHeader(FORWARDED, ledger);
        if (!traceparent.isEmpty()) {
            options.putHeader(TraceParent.HEADER, traceparent);
        }
        if (authorization != null) {
            options.putHeader(HttpHeaders.AUTHORIZATION, authorization);
        }
        if (key != null) {
            options.putHeader(IDEMPOTENCY_KEY, key);
        }
        return client.request(options)
                .recover(e -> failed(address, ProblemCode.NO_OWNER, e))
                .compose(request -> exchange(address, request, body));
    }

    /** The same object for the same address: requests to it share their connections by that. */
    private OwnerAddress owner(final String address) {
        final OwnerAddress known = owners.get(address);
        if (known != null) {
            return known;
        }
        if (owners.size() >= MAX_OWNERS_KNOWN) {
            owners.clear();
        }
        return owners.computeIfAbsent(address, OwnerAddress::parse);
    }

    /** Ends the span of a forwarded request, if it has one, with what came of it. */
    static void end(final @Nullable TraceSpan span, final AsyncResult<Answer> sent) {
        if (span == null) {
            return;
        }
        if (sent.succeeded()) {
            span.set("http.response.status_code", sent.result().status());
        } else {
            span.failed("no answer");
        }
        span.end();
    }

    private Future<Answer> exchange(
            final String address, final HttpClientRequest request, final Buffer body) {
        return request.send(body)
                .compose(CommandForwarder::answer)
                .timeout(answerTimeoutMs, TimeUnit.MILLISECONDS)
                .recover(e -> {
                    request.reset();
                    return failed(address, ProblemCode.OUTCOME_UNKNOWN, e);
                });
    }

    private static Future<Answer> answer(final HttpClientResponse response) {
        return response.body()
                .map(body -> new Answer(
                        response.statusCode(),
                        response.getHeader(HttpHeaders.CONTENT_TYPE),
                        response.getHeader(CommandExchange.REPLAYED),
                        response.getHeader(HttpHeaders.RETRY_AFTER),
                        response.getHeader(CHALLENGE),
                        body));
    }

    private static <T> Future<T> failed(
            final String address, final ProblemCode code, final Throwable cause) {
        LOG.debug("cannot forward to {}: {}", address, cause.toString());
        return Future.failedFuture(new ForwardException(code, cause));
    }
}
