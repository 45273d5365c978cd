package io.ringledger.ledger.http;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.Grant;
import io.ringledger.kit.HttpBody;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.model.Command;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One batch, from its body to its answer. Used by one event loop, which it leaves to others after
 * every slice of work:
 *
 * <pre>
 *   body ─▶ slot ─▶ decode in slices ─▶ publish in slices ─▶ wait for every outcome ─▶ render in slices
 *     │       │        │ invalid: 400, nothing published       │ deadline: unknown for the rest
 *     └───────┴─ full: 503
 * </pre>
 *
 * <p>While it is received and decoded it counts by its bytes, so that slow senders of little keep
 * nobody out. The slot, of which there are few, it has from when it is whole until the client has
 * taken the answer, or is gone.
 */
final class BatchExchange extends Exchange implements Handler<Buffer> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchExchange.class);

    /** About a third of a millisecond of work. */
    private static final int SLICE = 256;

    private static final int RESULT_BYTES = 256;
    private static final int HTTP_OK = 200;
    private static final String HERE = "";
    private static final byte[] BEGIN = AnswerBuffer.ascii("{\"results\":[");
    private static final byte[] END = AnswerBuffer.ascii("]}");
    private static final byte[] COMMA = AnswerBuffer.ascii(",");
    private static final byte[] STATUS = AnswerBuffer.ascii("{\"status\":");
    private static final byte[] REPLAYED = AnswerBuffer.ascii(",\"replayed\":true");
    private static final byte[] ACCOUNT = AnswerBuffer.ascii(",\"account\":");
    private static final byte[] TRANSACTION = AnswerBuffer.ascii(",\"transaction\":");
    private static final byte[] PROBLEM = AnswerBuffer.ascii(",\"problem\":");
    private static final byte[] END_OF_RESULT = AnswerBuffer.ascii("}");

    private final CommandGateway gateway;
    private final Grant grant;
    private final @Nullable CommandTrace trace;
    private List<Command> commands = List.of();
    private @Nullable Outcome[] outcomes = {};

    /** What another process answered, in the place of an outcome. */
    private byte[] @Nullable [] forwarded = {};

    /** Where the commands of each partition go, once one of them has been looked at. */
    private @Nullable String[] owners = {};

    private final Map<String, ForwardedBatch> toForward = new LinkedHashMap<>();

    /** Why a command was not published, in the place of its outcome. */
    private @Nullable Problem[] refusals = {};

    /** Partitions that refused a command: a later one must not overtake it. */
    private @Nullable Problem[] stopped = {};

    private int awaited;
    private boolean published;

    /** Bytes of the body that are counted. */
    private int countedBytes;

    private boolean hasSlot;

    /** The answer has been handed over; the slot stays taken until it is written. */
    private boolean answered;

    BatchExchange(
            final CommandGateway gateway,
            final EventLoop loop,
            final HttpServerRequest request,
            final Grant grant) {
        super(loop, request);
        this.gateway = gateway;
        this.grant = grant;
        trace = CommandTrace.of(gateway.tracing(), request, true);
    }

    /** Begins to take the body. */
    void receive() {
        // Called once, when the answer is handed over or the client has gone before.
        request.response().endHandler(ended -> {
            forgetBody();
            if (!answered) {
                leaveSlot();
            }
        });
        HttpBody.collectWithin(request, gateway.options().maxBatchBodyBytes(), this::hasRoom, this);
    }

    private boolean hasRoom(final int bytes) {
        if (!gateway.batchBytes().tryEnter(bytes)) {
            gateway.metrics().problem(ProblemCode.OVERLOADED);
            return false;
        }
        countedBytes += bytes;
        return true;
    }

    private void refuse(final Problem problem) {
        gateway.refuse(request, problem, startNs, RequestLog.NO_PARTITION);
    }

    private void forgetBody() {
        gateway.batchBytes().leave(countedBytes);
        countedBytes = 0;
    }

    private void leaveSlot() {
        if (hasSlot) {
            hasSlot = false;
            gateway.batches().leave(1);
        }
    }

    /** Takes the whole body. */
    @Override
    public void handle(final Buffer body) {
        if (!gateway.batches().tryEnter(1)) {
            refuse(CommandGateway.TOO_MANY_BATCHES);
            return;
        }
        hasSlot = true;
        try {
            decode(new BatchDecoder(body.getBytes()));
        } catch (final ProblemException e) {
            refuse(e.problem());
        } catch (final RuntimeException e) {
            gateway.failed(request, e);
        }
    }

    private void decode(final BatchDecoder decoder) {
        if (isAbandoned()) {
            return;
        }
        try {
            Failpoints.before(Failpoint.DECODE);
            if (!decoder.decode(SLICE)) {
                later(() -> decode(decoder));
                return;
            }
            Failpoints.after(Failpoint.DECODE);
        } catch (final ProblemException e) {
            refuse(e.problem());
            return;
        }
        beginToPublish(decoder.commands());
    }

    private void beginToPublish(final List<Command> decoded) {
        forgetBody();
        if (!gateway.commands().tryEnter(decoded.size())) {
            refuse(CommandGateway.OVERLOADED);
            return;
        }
        grant.charge(decoded.size());
        commands = decoded;
        outcomes = new Outcome[decoded.size()];
        forwarded = new byte[decoded.size()][];
        refusals = new Problem[decoded.size()];
        stopped = new Problem[gateway.ingress().partitions()];
        owners = new String[gateway.ingress().partitions()];
        awaited = decoded.size();
        loop.await(this);
        publish(0);
    }

    private void publish(final int from) {
        final int to = Math.min(from + SLICE, commands.size());
        for (int index = from; index < to; index++) {
            final Command command = commands.get(index);
            final int partition = gateway.partitionOf(command);
            final boolean isOwn = grant.covers(command.accountIdBytes(), command.accountIdLength());
            Problem refusal = isOwn ? stopped[partition] : Answers.NOT_FOUND;
            if (refusal == null && !isForwarded(partition, index)) {
                refusal = tryPublish(partition, command, index);
                stopped[partition] = refusal;
            }
            if (refusal != null) {
                refusals[index] = refusal;
                gateway.commands().leave(1);
                awaited--;
            }
        }
        if (to < commands.size()) {
            later(() -> publish(to));
            return;
        }
        published = true;
        if (trace != null) {
            trace.publishedAll(commands.size());
        }
        toForward.values().forEach(this::forward);
        answerIfComplete();
    }

    /**
     * True if the command goes to another process, once the whole batch has been looked at. Which
     * one is found once for each partition: its commands stay in their order, whatever changes
     * hands meanwhile.
     */
    private boolean isForwarded(final int partition, final int index) {
        String owner = owners[partition];
        if (owner == null) {
            owner = gateway.ingress().closedBecause(partition) == null
                    ? null
                    : gateway.ownerToForwardTo(request, partition);
            owner = owner == null ? HERE : owner;
            owners[partition] = owner;
        }
        if (owner.equals(HERE)) {
            return false;
        }
        toForward.computeIfAbsent(owner, ForwardedBatch::new).add(index);
        return true;
    }

    private void forward(final ForwardedBatch part) {
        final TraceSpan span = trace == null ? null : trace.forward();
        gateway.forwarder()
                .send(
                        part.address(),
                        request.method(),
                        request.uri(),
                        request.getHeader(HttpHeaders.AUTHORIZATION),
                        span == null
                                ? Correlation.onwards(request)
                                : span.context().header(),
                        null,
                        part.body(commands, loop.answer()))
                .onComplete(sent -> {
                    CommandForwarder.end(span, sent);
                    gateway.commands().leave(part.indexes().size());
                    awaited -= part.indexes().size();
                    if (isWaiting) {
                        take(part, sent);
                        answerIfComplete();
                    }
                });
    }

    private void take(final ForwardedBatch part, final AsyncResult<CommandForwarder.Answer> sent) {
        Problem problem = CommandGateway.OUTCOME_UNKNOWN;
        if (sent.failed()) {
            problem = CommandGateway.forwardProblem(sent.cause());
        } else if (sent.result().status() == HTTP_OK) {
            gateway.metrics().forwarded();
            try {
                final List<byte[]> results = part.results(sent.result());
                for (int i = 0; i < results.size(); i++) {
                    forwarded[part.indexes().get(i)] = results.get(i);
                }
                return;
            } catch (final IOException e) {
                RequestLog.of(request).failed(request, e);
            }
        } else {
            problem = CommandGateway.refusalOf(sent.result());
            LOG.debug(
                    "{} refused a batch: status={}, code={}",
                    part.address(),
                    sent.result().status(),
                    problem.code().wireName());
        }
        for (final int index : part.indexes()) {
            refusals[index] = problem;
        }
    }

    private @Nullable Problem tryPublish(
            final int partition, final Command command, final int index) {
        final ProblemCode closed = gateway.ingress().closedBecause(partition);
        if (closed != null) {
            return CommandGateway.closedProblem(closed);
        }
        if (trace != null) {
            trace.publish(command, partition);
        }
        if (!gateway.ingress().tryPublish(partition, command, this, index)) {
            if (trace != null) {
                trace.refused();
            }
            return CommandGateway.OVERLOADED;
        }
        loop.wakeSoon(partition);
        return null;
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
        awaited--;
        if (trace != null) {
            trace.decidedOne();
        }
        if (!isWaiting) {
            return;
        }
        final Outcome kept = new Outcome();
        kept.copyFrom(outcome);
        outcomes[index] = kept;
        answerIfComplete();
    }

    @Override
    void failed(final int index, final ProblemCode code) {
        gateway.commands().leave(1);
        awaited--;
        if (trace != null) {
            trace.failed(code);
        }
        if (isWaiting) {
            refusals[index] = CommandGateway.closedProblem(code);
            answerIfComplete();
        }
    }

    @Override
    void cannotAnswer() {
        gateway.metrics().problem(ProblemCode.INTERNAL_ERROR);
    }

    @Override
    void onDeadline() {
        // What has not come by now is unknown; what is not published yet still will be.
        answer();
    }

    private void answerIfComplete() {
        if (published && awaited == 0 && loop.remove(this)) {
            gateway.metrics().waited(System.nanoTime() - sinceNs);
            answer();
        }
    }

    private void answer() {
        if (isAbandoned()) {
            gateway.metrics().abandoned();
            return;
        }
        final Buffer body = Buffer.buffer(commands.size() * RESULT_BYTES);
        final AnswerBuffer out = loop.answer();
        out.raw(BEGIN).appendTo(body);
        render(body, 0);
    }

    private void render(final Buffer body, final int from) {
        final int to = Math.min(from + SLICE, commands.size());
        final AnswerBuffer out = loop.answer();
        for (int index = from; index < to; index++) {
            if (index > 0) {
                out.raw(COMMA);
            }
            renderResult(out, index);
        }
        out.appendTo(body);
        if (to < commands.size()) {
            later(() -> render(body, to));
            return;
        }
        loop.answer().raw(END).appendTo(body);
        if (isAbandoned()) {
            gateway.metrics().abandoned();
            return;
        }
        answered = true;
        Failpoints.before(Failpoint.ANSWER_SENT);
        request.response()
                .setStatusCode(200)
                .putHeader(HttpHeaders.CONTENT_TYPE, CommandExchange.JSON)
                .end(body)
                .onComplete(written -> leaveSlot());
        Failpoints.after(Failpoint.ANSWER_SENT);
        RequestLog.of(request).answered(request, HTTP_OK, "accepted", startNs);
    }

    private void renderResult(final AnswerBuffer out, final int index) {
        final Command command = commands.get(index);
        final Outcome outcome = outcomes[index];
        final byte[] answered = forwarded[index];
        if (answered != null) {
            out.raw(answered);
            return;
        }
        if (outcome == null) {
            final Problem refusal = refusals[index];
            renderProblem(out, refusal == null ? CommandGateway.OUTCOME_UNKNOWN : refusal, false);
            return;
        }
        if (outcome.isReplayed()) {
            gateway.metrics().replayed();
        }
        final int partition = gateway.partitionOf(command);
        if (outcome.code() != ResultCode.ACCEPTED) {
            renderProblem(out, Answers.problem(partition, outcome), outcome.isReplayed());
            return;
        }
        gateway.metrics().accepted();
        out.raw(STATUS).number(Answers.acceptedStatus(command.type()));
        if (outcome.isReplayed()) {
            out.raw(REPLAYED);
        }
        out.raw(Answers.isTransaction(command.type()) ? TRANSACTION : ACCOUNT);
        Answers.write(out, command, partition, outcome);
        out.raw(END_OF_RESULT);
    }

    private void renderProblem(
            final AnswerBuffer out, final Problem problem, final boolean replayed) {
        gateway.metrics().problem(problem.code());
        out.raw(STATUS).number(problem.code().status());
        if (replayed) {
            out.raw(REPLAYED);
        }
        out.raw(PROBLEM).raw(problem.toBytes()).raw(END_OF_RESULT);
    }

    /** Goes on once others have had their turn. */
    private void later(final Runnable more) {
        loop.execute(() -> {
            try {
                more.run();
            } catch (final RuntimeException e) {
                gateway.failed(request, e);
            }
        });
    }
}
