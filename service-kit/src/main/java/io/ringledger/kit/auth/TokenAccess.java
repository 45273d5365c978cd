package io.ringledger.kit.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Access;
import io.ringledger.kit.ClientRate;
import io.ringledger.kit.Grant;
import io.ringledger.kit.GrantedHandler;
import io.ringledger.kit.HttpBody;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.Scope;
import io.ringledger.kit.auth.Verdict.Granted;
import io.ringledger.kit.auth.Verdict.Reason;
import io.ringledger.kit.auth.Verdict.Refused;
import io.ringledger.kit.log.RequestLog;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Hands on requests that carry a good token. Thread-safe: one for all event loops.
 *
 * <pre>
 *   header ── known and not expired ──────────────────────────────▶ scope? ─▶ next, or 403
 *     │                                                               ▲
 *     └─ new ─▶ paused ─▶ check on a worker ─▶ good: remembered ──────┘
 *                           │ key not known: keys read again, once
 *                           └─ not good: 401
 * </pre>
 *
 * <p>A signature costs a fraction of a millisecond, so no event loop checks one: they look into a
 * map. Tokens that are not known go to a worker, each once however many requests bring it, and so
 * many at a time: whoever sends made-up tokens takes neither event loops nor memory from others.
 * Of these, a quarter may wait for the keys to be read again, which takes long: tokens of keys that
 * are known find room. Refusals are not remembered, so a token that becomes valid is.
 *
 * <p>All bad tokens have one answer. Which rule they break is counted for those who run the service.
 */
final class TokenAccess implements Access {
    private static final Logger LOG = LoggerFactory.getLogger(TokenAccess.class);
    private static final String SCHEME = "Bearer ";
    private static final int WORKERS = 2;

    /** So much of the tokens in check may wait for new keys: the others leave soon. */
    private static final int WAITING_SHARE = 4;

    /** What is thrown away of the body of a refused request before its connection is closed. */
    private static final int MAX_BODY_BYTES = 16_384;

    private static final CharSequence CHALLENGE = HttpHeaders.createOptimized("www-authenticate");
    private static final String NO_TOKEN_CHALLENGE = "Bearer realm=\"ringledger\"";
    private static final String BAD_TOKEN_CHALLENGE =
            NO_TOKEN_CHALLENGE + ", error=\"invalid_token\"";
    private static final String SCOPE_CHALLENGE =
            NO_TOKEN_CHALLENGE + ", error=\"insufficient_scope\", scope=\"";

    private static final Problem NO_TOKEN = Problem.of(
            ProblemCode.UNAUTHENTICATED,
            "one header Authorization: Bearer, and a token, is needed");
    private static final Problem BAD_TOKEN =
            Problem.of(ProblemCode.UNAUTHENTICATED, "the token is not valid here and now");
    private static final Problem TOO_FAST = Problem.of(
            ProblemCode.RATE_LIMITED,
            "this client has sent more than it may, Retry-After says when to go on");
    private static final Problem BUSY = Problem.of(
            ProblemCode.AUTH_UNAVAILABLE, "too many new tokens are being checked at the moment");
    private static final Problem NO_KEYS = Problem.of(
            ProblemCode.AUTH_UNAVAILABLE, "the keys of tokens cannot be had at the moment");

    private static final Grant OPERATOR = new Grant("loopback", Set.of(Scope.OPERATE), null);

    private final Vertx vertx;
    private final AuthOptions options;
    private final LongSupplier epochMs;
    private final TokenVerifier verifier;
    private final TokenCache cache;
    private final JwksSource source;
    private final AuthMetrics metrics;
    private final WorkerExecutor workers;
    private final ConcurrentHashMap<String, Future<Verdict>> inCheck = new ConcurrentHashMap<>();
    private final AtomicInteger waitingForKeys = new AtomicInteger();

    /**
     * Begins to read the keys.
     *
     * @param epochMs the clock, in milliseconds since 1970 UTC
     */
    TokenAccess(
            final Vertx vertx,
            final AuthOptions options,
            final MeterRegistry registry,
            final LongSupplier epochMs) {
        this.vertx = vertx;
        this.options = options;
        this.epochMs = epochMs;
        final ClientRates rates = new ClientRates(options);
        verifier = new TokenVerifier(options, rates, epochMs);
        cache = new TokenCache(options.maxCachedTokens());
        metrics = new AuthMetrics(registry, options);
        workers = vertx.createSharedWorkerExecutor("token-check", WORKERS);
        source = new JwksSource(vertx, options, cache::begin, metrics::keysFailed);
        metrics.gauge("ringledger.auth.tokens", "tokens remembered", cache::size);
        metrics.gauge("ringledger.auth.tokens.in.check", "tokens in check", inCheck::size);
        metrics.gauge("ringledger.rate.clients", "clients whose rates are kept", rates::size);
        metrics.gauge("ringledger.auth.keys", "keys", () -> source.keys().size());
        metrics.gauge("ringledger.auth.keys.age.seconds", "since keys were read", source::ageS);
    }

    /** Null if tokens can be checked; else why not. */
    Future<@Nullable String> reasonNotReady() {
        return source.reasonNotReady();
    }

    @Override
    public void check(
            final HttpServerRequest request, final Scope scope, final GrantedHandler next) {
        final List<String> values = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        if (values.isEmpty() && scope == Scope.OPERATE && isOperatorHere(request)) {
            next.handle(request, OPERATOR);
            return;
        }
        final String header = values.size() == 1 ? values.getFirst() : "";
        final Grant known = cache.get(header, epochMs.getAsLong());
        if (known == null) {
            checkNew(request, header, scope, next);
        } else {
            admit(request, known, scope, next);
        }
    }

    /** By the address of the connection, which no header can change. */
    private boolean isOperatorHere(final HttpServerRequest request) {
        if (!options.isLoopbackOperator()) {
            return false;
        }
        final String address = request.remoteAddress().hostAddress();
        return address != null
                && (address.startsWith("127.")
                        || address.equals("0:0:0:0:0:0:0:1")
                        || address.equals("::1"));
    }

    private void checkNew(
            final HttpServerRequest request,
            final String header,
            final Scope scope,
            final GrantedHandler next) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            refuse(request, Reason.NO_TOKEN);
            return;
        }
        final Future<Verdict> verdict = verdictOf(header);
        if (verdict == null) {
            refuse(request, Reason.BUSY);
            return;
        }
        final Context context = vertx.getOrCreateContext();
        request.pause();
        verdict.onComplete(checked ->
                context.runOnContext(ignored -> goOn(request, checked.result(), scope, next)));
    }

    /** The body may come now: to who takes it, or to be thrown away. */
    private void goOn(
            final HttpServerRequest request,
            final Verdict verdict,
            final Scope scope,
            final GrantedHandler next) {
        if (request.response().closed()) {
            return;
        }
        try {
            switch (verdict) {
                case Granted granted -> admit(request, granted.grant(), scope, next);
                case Refused refused -> refuse(request, refused.reason());
            }
        } catch (final RuntimeException e) {
            RequestLog.of(request).failed(request, e);
            Problem.of(ProblemCode.INTERNAL_ERROR, "an internal error").send(request);
        }
        request.resume();
    }

    private void admit(
            final HttpServerRequest request,
            final Grant grant,
            final Scope scope,
            final GrantedHandler next) {
        if (grant.has(scope)) {
            final ClientRate rate = grant.rate();
            if (rate == null || rate.tryTake(System.nanoTime())) {
                next.handle(request, grant);
            } else {
                refuseForNow(request, rate);
            }
            return;
        }
        final String needed = options.scopePrefix() + scope.wireName();
        metrics.refused(Reason.MISSING_SCOPE);
        refuse(
                request,
                SCOPE_CHALLENGE + needed + "\"",
                Problem.of(ProblemCode.MISSING_SCOPE, "the token needs the scope " + needed));
    }

    private void refuseForNow(final HttpServerRequest request, final ClientRate rate) {
        metrics.refused(Reason.RATE_LIMITED);
        request.response()
                .putHeader(
                        HttpHeaders.RETRY_AFTER,
                        Long.toString(rate.retryAfterS(System.nanoTime())));
        HttpBody.refuse(request, MAX_BODY_BYTES, TOO_FAST);
    }

    private void refuse(final HttpServerRequest request, final Reason reason) {
        metrics.refused(reason);
        switch (reason) {
            case NO_TOKEN -> refuse(request, NO_TOKEN_CHALLENGE, NO_TOKEN);
            case BUSY -> HttpBody.refuse(request, MAX_BODY_BYTES, BUSY);
            case NO_KEYS -> HttpBody.refuse(request, MAX_BODY_BYTES, NO_KEYS);
            default -> refuse(request, BAD_TOKEN_CHALLENGE, BAD_TOKEN);
        }
    }

    private static void refuse(
            final HttpServerRequest request, final String challenge, final Problem problem) {
        request.response().putHeader(CHALLENGE, challenge);
        HttpBody.refuse(request, MAX_BODY_BYTES, problem);
    }

    /** Null if too many others are being checked. Never fails; completes on any thread. */
    private @Nullable Future<Verdict> verdictOf(final String header) {
        final Future<Verdict> before = inCheck.get(header);
        if (before != null) {
            return before;
        }
        if (inCheck.size() >= options.maxTokensInCheck()) {
            return null;
        }
        final Promise<Verdict> promise = Promise.promise();
        final Future<Verdict> other = inCheck.putIfAbsent(header, promise.future());
        if (other != null) {
            return other;
        }
        final String token = header.substring(SCHEME.length()).strip();
        final KeySet keys = source.keys();
        verify(token, keys)
                .compose(verdict -> againWithNewerKeys(token, keys, verdict))
                .onComplete(done -> {
                    Verdict verdict = new Refused(Reason.MALFORMED);
                    if (done.succeeded()) {
                        verdict = done.result();
                    } else {
                        LOG.error("a token could not be checked", done.cause());
                    }
                    if (verdict instanceof final Granted granted) {
                        cache.put(header, granted);
                    }
                    inCheck.remove(header);
                    promise.complete(verdict);
                });
        return promise.future();
    }

    /** If the key was not known, it may be a new one. */
    private Future<Verdict> againWithNewerKeys(
            final String token, final KeySet keys, final Verdict verdict) {
        if (!(verdict instanceof final Refused refused)
                || (refused.reason() != Reason.UNKNOWN_KEY && refused.reason() != Reason.NO_KEYS)) {
            return Future.succeededFuture(verdict);
        }
        // Without any keys there is nobody to keep room for.
        if (refused.reason() == Reason.NO_KEYS) {
            return withNewerKeys(token, keys, verdict);
        }
        if (waitingForKeys.incrementAndGet()
                > Math.max(1, options.maxTokensInCheck() / WAITING_SHARE)) {
            waitingForKeys.decrementAndGet();
            return Future.succeededFuture(new Refused(Reason.BUSY));
        }
        return withNewerKeys(token, keys, verdict)
                .onComplete(done -> waitingForKeys.decrementAndGet());
    }

    private Future<Verdict> withNewerKeys(
            final String token, final KeySet keys, final Verdict verdict) {
        return source.refresh()
                .compose(newer ->
                        newer == keys ? Future.succeededFuture(verdict) : verify(token, newer));
    }

    private Future<Verdict> verify(final String token, final KeySet keys) {
        metrics.checked();
        return workers.executeBlocking(() -> verifier.verify(token, keys), false);
    }
}
