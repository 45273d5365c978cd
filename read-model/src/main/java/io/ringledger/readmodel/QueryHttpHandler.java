package io.ringledger.readmodel;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.AsciiString;
import io.ringledger.kit.Grant;
import io.ringledger.kit.GrantedHandler;
import io.ringledger.kit.HttpBody;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.kit.trace.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/**
 * Answers the queries of the API out of the views, on whichever event loop a request comes. Safe
 * for use by several event loops at once; holds no state of a request.
 *
 * <p>A query is one statement, so what it shows is the state at exactly one position. With {@code
 * after=} it is asked at once, and only if it shows less than that does it wait and ask again.
 * Nothing waits longer than the query time-out plus, with {@code after=}, the time of the wait.
 */
public final class QueryHttpHandler implements GrantedHandler {
    /** Which position an answer shows: on every answer of a query, as in most bodies. */
    static final CharSequence POSITION_HEADER = AsciiString.cached("Ringledger-Position");

    private static final int HTTP_OK = 200;

    /** Bytes of the body of a query. */
    private static final int NO_BODY = 0;

    private static final CharSequence JSON = AsciiString.cached("application/json");
    private static final CharSequence NO_STORE = AsciiString.cached("no-store");

    private final ReadModelSettings settings;
    private final ViewDatabase database;
    private final ProgressWatcher watcher;
    private final QueryMetrics metrics;

    /** How many partitions the ledger has, which never changes; 0 while not known. */
    private volatile int partitions;

    /** Connects when the first query comes; the database may be away now. */
    public QueryHttpHandler(
            final Vertx vertx, final ReadModelSettings settings, final MeterRegistry registry) {
        this.settings = settings;
        this.database = new ViewDatabase(vertx, settings);
        this.watcher = new ProgressWatcher(
                vertx,
                database::progress,
                settings.maxAfterWaiters(),
                settings.afterPollIntervalMs(),
                settings.queryTimeoutMs());
        this.metrics = new QueryMetrics(registry, settings, database, watcher);
    }

    /** Takes any request that is not a command; answers it in bounded time. */
    @Override
    public void handle(final HttpServerRequest request, final Grant grant) {
        final long startNs = System.nanoTime();
        request.response().putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
        final QueryRequest query;
        try {
            query = QueryRequest.parse(request.method().name(), request.path(), request.query());
        } catch (final ProblemException e) {
            HttpBody.refuse(request, NO_BODY, e.problem());
            answered(QueryMetrics.NO_ROUTE, e.problem(), startNs);
            return;
        }
        final TraceSpan span = Tracing.ofAny(request);
        if (span != null) {
            final String route = "/v1/accounts/{accountId}" + query.route().suffix();
            span.name("GET " + route).set("http.route", route);
        }
        if (!grant.covers(query.accountId())) {
            // As if there were none, without a look: nobody learns whether another client has it.
            final Problem problem = notFound(query);
            HttpBody.refuse(request, NO_BODY, problem);
            answered(query.route().label(), problem, startNs);
            return;
        }
        HttpBody.collect(request, NO_BODY, null, body -> answer(request, query, startNs));
    }

    /**
     * Null if the views can be read and have the schema that this build knows, or a later one; else
     * why not.
     */
    public Future<@Nullable String> reasonNotReady() {
        return database.schemaVersion(settings.queryTimeoutMs())
                .map(version -> version >= ViewSchema.VERSION
                        ? null
                        : "the schema of the views has version " + version + ", needed is "
                                + ViewSchema.VERSION)
                .recover(e -> Future.succeededFuture("Postgres cannot be asked"));
    }

    /** Gives the connections to the database up; queries under way are answered 503. */
    public Future<Void> close() {
        return database.close();
    }

    private void answer(
            final HttpServerRequest request, final QueryRequest query, final long startNs) {
        final long limitMs =
                settings.queryTimeoutMs() + (query.after() == null ? 0 : settings.afterTimeoutMs());
        final Deadline deadline =
                new Deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs));
        Future<@Nullable View> view;
        try {
            view = view(query, deadline);
        } catch (final RuntimeException e) {
            view = Future.failedFuture(e);
        }
        view.onComplete(found -> {
            if (found.failed()) {
                refuse(request, query, problemOf(request, found.cause()), startNs);
            } else if (found.result() == null) {
                refuse(request, query, notFound(query), startNs);
            } else {
                send(request, query, found.result(), startNs);
            }
        });
    }

    private Future<@Nullable View> view(final QueryRequest query, final Deadline deadline) {
        final LogPosition after = query.after();
        if (after == null) {
            return read(query, deadline);
        }
        return checkPartition(after, deadline)
                .compose(known -> read(query, deadline))
                .compose(view -> shows(view, after)
                        ? Future.succeededFuture(view)
                        : readAfterWaiting(query, after, deadline));
    }

    private Future<@Nullable View> readAfterWaiting(
            final QueryRequest query, final LogPosition after, final Deadline deadline) {
        final long waitMs = Math.min(settings.afterTimeoutMs(), deadline.leftMs());
        return watcher.await(after, waitMs).compose(outcome -> switch (outcome) {
            case REACHED -> read(query, deadline).compose(view -> shownAfterWaiting(view, after));
            case BEHIND ->
                failed(ProblemCode.VIEW_BEHIND, "the view has not reached " + after + " yet");
            case FULL ->
                failed(ProblemCode.VIEW_BEHIND, "too many reads wait for a position already");
            case UNAVAILABLE -> failed(ProblemCode.VIEW_UNAVAILABLE, "the view cannot be read now");
        });
    }

    /** The database was seen at the position: one that shows less now was put back in time. */
    private static Future<@Nullable View> shownAfterWaiting(
            final @Nullable View view, final LogPosition after) {
        final boolean isBehind = view != null
                && view.position().partition() == after.partition()
                && view.position().sequence() < after.sequence();
        return isBehind
                ? failed(ProblemCode.VIEW_BEHIND, "the view has lost " + after + " again")
                : Future.succeededFuture(view);
    }

    private Future<@Nullable View> read(final QueryRequest query, final Deadline deadline) {
        final long timeoutMs = Math.min(settings.queryTimeoutMs(), deadline.leftMs());
        return switch (query.route()) {
            case ACCOUNT, BALANCE, CREDIT_LIMIT ->
                database.account(query.accountId(), timeoutMs).map(account -> account);
            case ENTRIES ->
                database.entries(query.accountId(), query.belowSequence(), query.limit(), timeoutMs)
                        .map(page -> page);
        };
    }

    /** An account that is not there shows nothing: it may be about to appear. */
    private static boolean shows(final @Nullable View view, final LogPosition after) {
        return view != null
                && view.position().partition() == after.partition()
                && view.position().sequence() >= after.sequence();
    }

    private Future<Void> checkPartition(final LogPosition after, final Deadline deadline) {
        final int known = partitions;
        if (known > 0) {
            return checkPartition(after, known);
        }
        final long timeoutMs = Math.min(settings.queryTimeoutMs(), deadline.leftMs());
        return database.partitions(timeoutMs).compose(found -> {
            if (found == 0) {
                return failed(ProblemCode.VIEW_BEHIND, "the view has not begun yet");
            }
            partitions = found;
            return checkPartition(after, found);
        });
    }

    private static Future<Void> checkPartition(final LogPosition after, final int partitions) {
        return after.partition() < partitions
                ? Future.succeededFuture()
                : failed(
                        ProblemCode.INVALID_PARAMETER,
                        "after: no such partition: partition=" + after.partition() + ", partitions="
                                + partitions);
    }

    private void send(
            final HttpServerRequest request,
            final QueryRequest query,
            final View view,
            final long startNs) {
        final byte[] body;
        try {
            body = QueryAnswers.body(query.route(), view);
        } catch (final RuntimeException e) {
            refuse(request, query, problemOf(request, e), startNs);
            return;
        }
        final TraceSpan span = Tracing.ofAny(request);
        if (span != null) {
            span.set("ringledger.partition", view.position().partition())
                    .set("ringledger.sequence", view.position().sequence());
        }
        final HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .putHeader(POSITION_HEADER, view.position().toString())
                    .end(Buffer.buffer(body));
        }
        metrics.answered(query.route().label(), QueryMetrics.OK, System.nanoTime() - startNs);
        RequestLog.of(request)
                .answered(
                        request,
                        HTTP_OK,
                        QueryMetrics.OK,
                        startNs,
                        view.position().partition(),
                        view.position().sequence());
    }

    private void refuse(
            final HttpServerRequest request,
            final QueryRequest query,
            final Problem problem,
            final long startNs) {
        problem.send(request, startNs, RequestLog.NO_PARTITION);
        answered(query.route().label(), problem, startNs);
    }

    private void answered(final String route, final Problem problem, final long startNs) {
        metrics.answered(route, problem.code().wireName(), System.nanoTime() - startNs);
    }

    private static Problem notFound(final QueryRequest query) {
        return Problem.of(
                        ProblemCode.ACCOUNT_NOT_FOUND,
                        "the view has no account " + query.accountId()
                                + "; one that was just opened shows with after= its position")
                .withRetry(ProblemCode.Retry.NEVER);
    }

    private static Problem problemOf(final HttpServerRequest request, final Throwable cause) {
        return switch (cause) {
            case ProblemException refused -> refused.problem();
            case ViewUnavailableException unavailable ->
                switch (unavailable.reason()) {
                    case OVERLOADED ->
                        Problem.of(
                                ProblemCode.OVERLOADED,
                                "too many queries wait for the view already");
                    case UNAVAILABLE ->
                        Problem.of(ProblemCode.VIEW_UNAVAILABLE, "the view cannot be read now");
                };
            default -> {
                RequestLog.of(request).failed(request, cause);
                yield Problem.of(ProblemCode.INTERNAL_ERROR, "an internal error");
            }
        };
    }

    private static <T extends @Nullable Object> Future<T> failed(
            final ProblemCode code, final String detail) {
        return Future.failedFuture(new ProblemException(Problem.of(code, detail)));
    }

    /** The latest moment of an answer. */
    private record Deadline(long atNs) {
        long leftMs() {
            return Math.max(1, TimeUnit.NANOSECONDS.toMillis(atNs - System.nanoTime()));
        }
    }
}
