package io.ringledger.ledger.http;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.Grant;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
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

    private final CommandGateway gateway;
    private final Grant grant;
    private final Route route;
    private final String key;
    private final @Nullable CommandTrace trace;
    private String accountId;
    private CommandType type = CommandType.NULL_VAL;
    private long amount;
    private String reference = "";
    private int partition;

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
            gateway.refuse(request, e.problem());
            return;
        }
        type = command.type();
        amount = command.amountMinor();
        reference = loop.decoder().reference();
        accountId = loop.decoder().accountId();
        if (!grant.covers(accountId)) {
            gateway.refuse(request, Answers.NOT_FOUND);
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
                gateway.refuse(request, CommandGateway.closedProblem(closed));
            } else {
                forward(owner, body);
            }
            return;
        }
        if (!gateway.commands().tryEnter(1)) {
            gateway.refuse(request, CommandGateway.OVERLOADED);
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
            gateway.refuse(request, CommandGateway.OVERLOADED);
        }
    }

    private void forward(final String owner, final Buffer body) {
        if (!gateway.commands().tryEnter(1)) {
            gateway.refuse(request, CommandGateway.OVERLOADED);
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
                        gateway.refuse(request, CommandGateway.forwardProblem(sent.cause()));
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
            return;
        }
        final HttpServerResponse response = request.response();
        if (outcome.isReplayed()) {
            response.putHeader(REPLAYED, TRUE);
        }
        if (outcome.code() != ResultCode.ACCEPTED) {
            gateway.refuse(request, Answers.problem(partition, outcome));
            return;
        }
        gateway.metrics().accepted();
        final AnswerBuffer out = loop.answer();
        Answers.write(out, type, accountId, amount, reference, partition, outcome);
        response.setStatusCode(Answers.acceptedStatus(type));
        response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        Failpoints.before(Failpoint.ANSWER_SENT);
        response.end(out.toBuffer());
        Failpoints.after(Failpoint.ANSWER_SENT);
    }

    @Override
    void failed(final int index, final ProblemCode code) {
        gateway.commands().leave(1);
        if (trace != null) {
            trace.failed(code);
        }
        if (loop.remove(this) && !isAbandoned()) {
            gateway.refuse(request, CommandGateway.closedProblem(code));
        }
    }

    @Override
    void cannotAnswer() {
        gateway.metrics().problem(ProblemCode.INTERNAL_ERROR);
    }

    @Override
    void onDeadline() {
        gateway.refuse(request, CommandGateway.OUTCOME_UNKNOWN);
    }
}
