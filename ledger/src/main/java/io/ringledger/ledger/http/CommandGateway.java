package io.ringledger.ledger.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.FastThreadLocal;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.Tracing;
import io.ringledger.model.Command;
import io.ringledger.model.Partitions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/** What all requests of the command side share: where commands go, limits, counters. Thread-safe. */
final class CommandGateway {
    private static final Set<Integer> REFUSED_UNSEEN = Set.of(401, 403, 429, 503);

    private static final Problem INTERNAL_ERROR =
            Problem.of(ProblemCode.INTERNAL_ERROR, "an internal error");

    static final Problem OVERLOADED =
            Problem.of(ProblemCode.OVERLOADED, "too many commands wait for their outcomes");

    static final Problem OUTCOME_UNKNOWN = Problem.of(
            ProblemCode.OUTCOME_UNKNOWN,
            "the outcome did not become durable in time; the same request with the same"
                    + " Idempotency-Key will give it");

    static final Problem TOO_MANY_BATCHES =
            Problem.of(ProblemCode.OVERLOADED, "too many batches are in flight");

    static final Problem NO_OWNER = Problem.of(
            ProblemCode.NO_OWNER, "nobody takes commands for this account at the moment");

    private final CommandIngress ingress;
    private final CommandHttpOptions options;
    private final Gate commands;
    private final Gate batches;
    private final Gate batchBytes;
    private final CommandMetrics metrics;
    private final CommandForwarder forwarder;
    private final Tracing tracing;

    private final FastThreadLocal<EventLoop> loops = new FastThreadLocal<>() {
        @Override
        protected EventLoop initialValue() {
            return EventLoop.ofThisThread(ingress, options.answerTimeoutMs());
        }
    };

    CommandGateway(
            final Vertx vertx,
            final CommandIngress ingress,
            final CommandHttpOptions options,
            final MeterRegistry registry,
            final Tracing tracing) {
        this.tracing = tracing;
        this.ingress = ingress;
        this.options = options;
        forwarder = new CommandForwarder(vertx, ingress.ledger(), options.answerTimeoutMs());
        commands = new Gate(options.maxCommandsInFlight());
        batches = new Gate(options.maxBatchesInFlight());
        batchBytes = new Gate(options.maxBatchBytes());
        metrics = new CommandMetrics(registry, commands, batches, batchBytes);
    }

    /** Why a partition takes no commands, as an answer. */
    static Problem closedProblem(final ProblemCode code) {
        return switch (code) {
            case NO_OWNER -> NO_OWNER;
            case OVERLOADED -> OVERLOADED;
            case OUTCOME_UNKNOWN -> OUTCOME_UNKNOWN;
            default -> Problem.of(code, code.title());
        };
    }

    /** Why forwarding gave no answer, as an answer. */
    static Problem forwardProblem(final Throwable failure) {
        return failure instanceof final CommandForwarder.ForwardException known
                ? closedProblem(known.code())
                : OUTCOME_UNKNOWN;
    }

    /**
     * Why the owner took nothing of a batch. Only what it says for certain was not applied; whatever
     * else it answered, the outcome is unknown.
     */
    static Problem refusalOf(final CommandForwarder.Answer answer) {
        if (!REFUSED_UNSEEN.contains(answer.status())) {
            return OUTCOME_UNKNOWN;
        }
        final String name;
        try {
            name = answer.body().toJsonObject().getString("code");
        } catch (final DecodeException | ClassCastException e) {
            return OUTCOME_UNKNOWN;
        }
        final ProblemCode code = name == null ? null : ProblemCode.ofWireName(name);
        if (code == null) {
            return OUTCOME_UNKNOWN;
        }
        return switch (code) {
            case NO_OWNER,
                    OVERLOADED,
                    UNAUTHENTICATED,
                    MISSING_SCOPE,
                    RATE_LIMITED,
                    AUTH_UNAVAILABLE -> closedProblem(code);
            default -> OUTCOME_UNKNOWN;
        };
    }

    /** The process that owns the partition, if the request may be forwarded to it; else null. */
    @Nullable String ownerToForwardTo(final HttpServerRequest request, final int partition) {
        return CommandForwarder.isForwarded(request) ? null : ingress.ownerAddress(partition);
    }

    CommandForwarder forwarder() {
        return forwarder;
    }

    Tracing tracing() {
        return tracing;
    }

    CommandIngress ingress() {
        return ingress;
    }

    int partitionOf(final Command command) {
        return Partitions.partitionOf(
                command.accountIdBytes(), command.accountIdLength(), ingress.partitions());
    }

    CommandHttpOptions options() {
        return options;
    }

    /** Commands that have been published and have no outcome. */
    Gate commands() {
        return commands;
    }

    /** Batches that are whole and whose answer is not on its way to the client yet. */
    Gate batches() {
        return batches;
    }

    /** Bytes of batches that are being received or decoded. */
    Gate batchBytes() {
        return batchBytes;
    }

    CommandMetrics metrics() {
        return metrics;
    }

    /** What the requests of the calling event loop share. */
    EventLoop loop() {
        return loops.get();
    }

    /**
     * Answers a request whose body has come.
     *
     * @param startNs when it was taken, by {@link System#nanoTime}
     * @param partition whose command it is, or {@link RequestLog#NO_PARTITION}
     */
    void refuse(
            final HttpServerRequest request,
            final Problem problem,
            final long startNs,
            final int partition) {
        metrics.problem(problem.code());
        problem.send(request, startNs, partition);
    }

    /** Answers a request that met an exception nobody foresaw. */
    void failed(final HttpServerRequest request, final RuntimeException cause) {
        RequestLog.of(request).failed(request, cause);
        refuse(request, INTERNAL_ERROR, RequestLog.NOT_TIMED, RequestLog.NO_PARTITION);
    }
}
