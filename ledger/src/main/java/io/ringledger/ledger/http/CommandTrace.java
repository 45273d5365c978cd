package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.trace.TraceParent;
import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.kit.trace.TraceSpan.Kind;
import io.ringledger.kit.trace.Tracing;
import io.ringledger.model.Command;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;

/**
 * What a sampled request for commands records, one object a request: below the span of the request
 * one from the ring to the confirmed frame, whose context its events carry, and one for each time
 * that it is forwarded. A batch is one request: its commands share a span, and their events a
 * context. Used by the request's event loop; requests that are not sampled have none.
 */
final class CommandTrace {
    private static final Logger LOG = LoggerFactory.getLogger(CommandTrace.class);
    private static final int NONE = -1;

    private final TraceSpan request;
    private final boolean isBatch;
    private @Nullable TraceSpan commit;
    private int published;
    private int outcomes;
    private int frames;
    private int partition = NONE;
    private long lastFrame;
    private long sinceNs;

    /** Nothing more will go into the ring: true from the beginning for a single command. */
    private boolean isPublished;

    private CommandTrace(final TraceSpan request, final boolean isBatch) {
        this.request = request;
        this.isBatch = isBatch;
        isPublished = !isBatch;
    }

    /** That of a request, or null if it is not sampled. */
    static @Nullable CommandTrace of(
            final Tracing tracing, final HttpServerRequest request, final boolean isBatch) {
        final TraceSpan span = tracing.of(request);
        return span == null ? null : new CommandTrace(span, isBatch);
    }

    /** Says which route a request takes: never its path, which has an account in it. */
    static void name(final Tracing tracing, final HttpServerRequest request, final Route route) {
        final TraceSpan span = tracing.of(request);
        if (span != null) {
            final String path = path(route);
            span.name(Tracing.methodOf(request) + ' ' + path).set("http.route", path);
        }
    }

    private static String path(final Route route) {
        return switch (route) {
            case OPEN_ACCOUNT -> "/v1/accounts";
            case CREDIT -> "/v1/accounts/{accountId}/credit";
            case WITHDRAW -> "/v1/accounts/{accountId}/withdraw";
            case SET_CREDIT_LIMIT -> "/v1/accounts/{accountId}/creditLimit";
            case BATCH -> "/v1/batches";
            case QUERY, NONE -> "other";
        };
    }

    /** The command is about to go into the ring: its event will carry the context. */
    void publish(final Command command, final int toPartition) {
        TraceSpan span = commit;
        if (span == null) {
            span = request.child("commit", Kind.PRODUCER);
            sinceNs = System.nanoTime();
            commit = span;
        }
        final TraceParent context = span.context();
        command.trace(context.traceIdHigh(), context.traceIdLow(), context.spanId());
        partition = published == 0 || partition == toPartition ? toPartition : NONE;
        published++;
    }

    /** The ring had no room for what was announced last. */
    void refused() {
        published--;
        if (commit != null) {
            commit.failed("the ring is full");
        }
        endIfComplete();
    }

    /** Which frame an outcome waited for; times by the monotonic clock. */
    void inFrame(
            final long frame, final int frameEvents, final long sentNs, final long appendedNs) {
        final TraceSpan span = commit;
        if (span == null || (frames > 0 && frame == lastFrame)) {
            return;
        }
        frames++;
        lastFrame = frame;
        if (frames == 1) {
            final long nowNs = System.nanoTime();
            span.set("ringledger.frame", frame)
                    .set("ringledger.frame.events", frameEvents)
                    .set("ringledger.ring_us", microseconds(sentNs - sinceNs))
                    .set("ringledger.append_us", microseconds(appendedNs - sentNs))
                    .set("ringledger.confirm_us", microseconds(nowNs - appendedNs));
        }
    }

    private static long microseconds(final long ns) {
        return TimeUnit.NANOSECONDS.toMicros(Math.max(0, ns));
    }

    /** The outcome of a single command, which is durable. */
    void decided(final Outcome outcome) {
        final TraceSpan span = commit;
        if (span == null) {
            return;
        }
        for (final TraceSpan each : new TraceSpan[] {span, request}) {
            each.set("ringledger.partition", partition)
                    .set("ringledger.sequence", outcome.sequence())
                    .set("ringledger.replayed", outcome.isReplayed());
            if (outcome.code() != ResultCode.ACCEPTED) {
                each.set("ringledger.refusal", outcome.code().name());
            }
        }
        LOG.atInfo()
                .addKeyValue("correlationId", span.context().traceId())
                .addKeyValue("partition", partition)
                .addKeyValue("sequence", outcome.sequence())
                .addKeyValue("frame", lastFrame)
                .log("a sampled command is in the log");
        outcomes++;
        endIfComplete();
    }

    /** One more outcome of a batch. */
    void decidedOne() {
        outcomes++;
        endIfComplete();
    }

    /** There is no outcome to tell. */
    void failed(final ProblemCode code) {
        outcomes++;
        final TraceSpan span = commit;
        if (span != null) {
            span.failed(code.wireName());
        }
        endIfComplete();
    }

    /** Every command of a batch has been published, or refused before. */
    void publishedAll(final int commands) {
        request.set("ringledger.commands", commands);
        isPublished = true;
        endIfComplete();
    }

    private void endIfComplete() {
        final TraceSpan span = commit;
        if (span == null || !isPublished || outcomes < published) {
            return;
        }
        if (isBatch) {
            span.set("ringledger.commands", published);
            LOG.atInfo()
                    .addKeyValue("correlationId", span.context().traceId())
                    .addKeyValue("commands", published)
                    .addKeyValue("frames", frames)
                    .log("a sampled batch is in the log");
        }
        if (frames > 1) {
            span.set("ringledger.frames", frames);
        }
        span.end();
    }

    /** A span for handing the request, or a part of it, to another process. */
    TraceSpan forward() {
        return request.child("forward", Kind.CLIENT);
    }
}
