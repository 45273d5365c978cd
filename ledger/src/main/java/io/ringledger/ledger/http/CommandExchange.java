package io.ringledger.ledger.http;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.Grant;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.model.Command;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.ringledger.model.event.CommandType;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;

/** One request for one command, from its body to its answer. Used by one event loop. */
final class CommandExchange extends Exchange implements Handler<Buffer> {
    static final CharSequence REPLAYED = HttpHeaders.createOptimized("idempotency-replayed");
    static final CharSequence TRUE = HttpHeaders.createOptimized("true");
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    /** What logs say of a client that did not wait for its answer. */
    private static final int CLIENT_GONE = 499;

    private final CommandGateway gateway;
    private final Grant grant;
    private final Route route;
    private final String key;
    private final @Nullable CommandTrace trace;
    private String accountId;
    private CommandType type = CommandType.NULL_VAL;
    private long amount;
    private String reference = "";
    private int partition = RequestLog.NO_PARTITION;

    /**
     * Waits for the body.
     *
     * @param accountId of the path; empty for an opening
     */
    CommandExchange(
            final CommandGateway gateway,
            final EventLoop loop,
            final HttpServerRequest request,
            final Grant grant,
            final Route route,
            final String accountId,
            final String key) {
        super(loop, request);
        this.gateway = gateway;
        this.grant = grant;
        this.route = route;
        this.accountId = accountId;
        this.key = key;
        trace = CommandTrace.of(gateway.tracing(), request, false);
    }

    /** Takes the whole body. */
    @Override
    public void handle(final Buffer body) {
        try {
            take(body);
        } catch (final RuntimeException e) {
            gateway.failed(request, e);
        }
    }

    private void take(final Buffer body) {
        final Command command = loop.command();
        try {
            Failpoints.before(Failpoint.DECODE);
            loop.decoder().decode(route, accountId, key, body.getBytes(), command);
            Failpoints.after(Failpoint.DECODE);
        } catch (final ProblemException e) {
            refuse(e.problem());
            return;
        }
        type = command.type();
        amount = command.amountMinor();
        reference = loop.decoder().reference();
        accountId = loop.decoder().accountId();
        if (!grant.covers(accountId)) {
            refuse(Answers.NOT_FOUND);
            return;
        }
        publish(command, body);
    }

    private void publish(final Command command, final Buffer body) {
        partition = gateway.partitionOf(command);
        final ProblemCode closed = gateway.ingress().closedBecause(partition);
        if (closed != null) {
            final String owner = gateway.ownerToForwardTo(request, partition);
            if (owner == null) {
                refuse(CommandGateway.closedProblem(closed));
            } else {
                forward(owner, body);
            }
            return;
        }
        if (!gateway.commands().tryEnter(1)) {
            refuse(CommandGateway.OVERLOADED);
            return;
        }
        loop.await(this);
        if (trace != null) {
            trace.publish(command, partition);
        }
        if (gateway.ingress().tryPublish(partition, command, this, 0)) {
            loop.wakeSoon(partition);
        } else {
            if (trace != null) {
                trace.refused();
            }
            loop.remove(this);
            gateway.commands().leave(1);
            refuse(CommandGateway.OVERLOADED);
        }
    }

    private void forward(final String owner, final Buffer body) {
        if (!gateway.commands().tryEnter(1)) {
            refuse(CommandGateway.OVERLOADED);
            return;
        }
        loop.await(this);
        final TraceSpan span = trace == null ? null : trace.forward();
        gateway.forwarder()
                .send(
                        owner,
                        request.method(),
                        request.uri(),
                        request.getHeader(HttpHeaders.AUTHORIZATION),
                        span == null
                                ? Correlation.onwards(request)
                                : span.context().header(),
                        key,
                        body)
                .onComplete(sent -> {
                    CommandForwarder.end(span, sent);
                    gateway.commands().leave(1);
                    if (!loop.remove(this) || isAbandoned()) {
                        return;
                    }
                    if (sent.succeeded()) {
                        answer(sent.result());
                    } else {
                        refuse(CommandGateway.forwardProblem(sent.cause()));
                    }
                });
    }

    private void answer(final CommandForwarder.Answer answer) {
        gateway.metrics().forwarded();
        final HttpServerResponse response = request.response();
        response.setStatusCode(answer.status());
        putIfThere(HttpHeaders.CONTENT_TYPE, answer.contentType());
        putIfThere(REPLAYED, answer.replayed());
        putIfThere(HttpHeaders.RETRY_AFTER, answer.retryAfter());
        putIfThere(CommandForwarder.CHALLENGE, answer.challenge());
        response.end(answer.body());
        answered(answer.status(), "forwarded", 0);
    }

    private void refuse(final Problem problem) {
        gateway.refuse(request, problem, startNs, partition);
    }

    private void putIfThere(final CharSequence name, final @Nullable String value) {
        if (value != null) {
            request.response().putHeader(name, value);
        }
    }

    @Override
    public void onFrame(
            final int index,
            final long frame,
            final int frameEvents,
            final long sentNs,
            final long appendedNs) {
        if (trace != null) {
            trace.inFrame(frame, frameEvents, sentNs, appendedNs);
        }
    }

    @Override
    void decided(final int index, final Outcome outcome) {
        gateway.commands().leave(1);
        if (trace != null) {
            trace.decided(outcome);
        }
        if (!loop.remove(this)) {
            return;
        }
        gateway.metrics().waited(System.nanoTime() - sinceNs);
        if (outcome.isReplayed()) {
            gateway.metrics().replayed();
        }
        if (isAbandoned()) {
            gateway.metrics().abandoned();
            answered(CLIENT_GONE, "abandoned", outcome.sequence());
            return;
        }
        final HttpServerResponse response = request.response();
        if (outcome.isReplayed()) {
            response.putHeader(REPLAYED, TRUE);
        }
        if (outcome.code() != ResultCode.ACCEPTED) {
            refuse(Answers.problem(partition, outcome));
            return;
        }
        gateway.metrics().accepted();
        final AnswerBuffer out = loop.answer();
        Answers.write(out, type, accountId, amount, reference, partition, outcome);
        final int status = Answers.acceptedStatus(type);
        response.setStatusCode(status);
        response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        Failpoints.before(Failpoint.ANSWER_SENT);
        response.end(out.toBuffer());
        Failpoints.after(Failpoint.ANSWER_SENT);
        answered(status, "accepted", outcome.sequence());
    }

    private void answered(final int status, final String code, final long sequence) {
        RequestLog.of(request).answered(request, status, code, startNs, partition, sequence);
    }

    @Override
    void failed(final int index, final ProblemCode code) {
        gateway.commands().leave(1);
        if (trace != null) {
            trace.failed(code);
        }
        if (loop.remove(this) && !isAbandoned()) {
            refuse(CommandGateway.closedProblem(code));
        }
    }

    @Override
    void cannotAnswer() {
        gateway.metrics().problem(ProblemCode.INTERNAL_ERROR);
    }

    @Override
    void onDeadline() {
        refuse(CommandGateway.OUTCOME_UNKNOWN);
    }
}
