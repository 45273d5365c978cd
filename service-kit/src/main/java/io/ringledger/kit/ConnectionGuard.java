package io.ringledger.kit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.ringledger.kit.OpenConnections.Source;
import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceIds;

import org.jspecify.annotations.Nullable;

import java.nio.channels.ClosedChannelException;

/**
 * Bounds the time and the bytes that one connection may take, below Vert.x. Vert.x's idle time-out
 * restarts with every byte, so a client that sends a header a second would stay for ever; this one
 * counts from the first byte of a request to its last. Used by one event loop only.
 *
 * <p>Two handlers in the pipeline: this one next to the socket (behind TLS, where there is) sees bytes and the close, {@link
 * Messages} behind the codec sees where requests and responses begin and end. Time is counted in
 * ticks of {@link GuardLoop}, so that a request costs neither a timer nor a look at the clock.
 *
 * <pre>
 *   IDLE ── first byte ──▶ RECEIVING ── last byte ──▶ ANSWERING ── response ──▶ IDLE
 *    │ idle limit            │ request limit: 408        (bounded by the request's handler)
 *    ▼                       ▼
 *   closed ◀── peer closes, or linger limit ── LINGERING ◀── close in the middle of a request
 * </pre>
 *
 * <p>In every state but the last, answers that wait for the client to take them are watched, for
 * Vert.x writes the next one, and reads on, only once there is room: a client that takes nothing of
 * them for the idle limit, or not all of a backlog in {@link GuardLoop#BACKLOG_LIMITS} times that,
 * is closed. A client that merely waits for an answer has no bytes on their way, and no limit here.
 *
 * <p>A client may send requests before it has its answers, but not as many as it likes: one read of
 * the socket can hold thousands, and each becomes an object a hundred times its size. What comes
 * after so many is thrown away, and the connection closes after the last of these answers.
 *
 * <p>When the server is full, a new connection takes the place of one that is of no use to anybody
 * ({@link Standing}); {@link GuardLoop} chooses.
 *
 * <p>Lingering: a socket that is closed with unread bytes is reset, and the reset can take the
 * answer away from a client that is still sending. So the output is shut first and what still comes
 * is thrown away, up to a limit of time and bytes.
 */
// Futures of Netty: a write or close that fails leaves a closed channel, which is what was wanted.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionGuard extends ChannelDuplexHandler {
    /** Who has sent the whole of any body that may be sent reads why it was refused. */
    private static final int MAX_LINGER_BYTES = HttpEdgeOptions.LARGEST_BODY_BYTES;

    private static final String API = "/v1/";
    private static final DecoderResult UNSUPPORTED_VERSION =
            DecoderResult.failure(new IllegalArgumentException("unsupported HTTP version"));
    private static final DecoderResult FIELD_WITHOUT_NAME =
            DecoderResult.failure(new IllegalArgumentException("header field without a name"));
    private static final RawAnswer TIMEOUT_ANSWER = new RawAnswer(Problem.of(
            ProblemCode.REQUEST_TIMEOUT, "the whole request must arrive within the time limit"));
    private static final RawAnswer BAD_CHUNK_ANSWER = new RawAnswer(
            Problem.of(ProblemCode.MALFORMED_REQUEST, "the chunked encoding is not valid"));
    private static final RawAnswer FULL_ANSWER =
            new RawAnswer(Problem.of(ProblemCode.OVERLOADED, "too many connections are open"));

    /** How soon a connection has to make room for a new one; the first first. */
    enum Standing {
        /** It closes anyway. */
        LINGERING,
        /** It has never had an answer: it is silent, or its first request is still coming. */
        NEW,
        /** It does not take its answers. */
        UNREADING,
        /** Nothing that it asked was a request to the API that it was entitled to. */
        UNPROVEN,
        /** It has had answers of the API, and is idle, or its next request is still coming. */
        PROVEN,
        /** It waits for an answer, or is taking one: it is never displaced. */
        BUSY
    }

    private final GuardLoop loop;
    private final Source source;
    private @Nullable ChannelHandlerContext ctx;

    /** Null, both: plain text. */
    private @Nullable SslHandler encryption;

    private @Nullable ChannelHandlerContext outermost;

    /** Index in the loop's list, kept by the loop. */
    int index = -1;

    /** Bytes of a request have come, its end has not. */
    private boolean receiving;

    /** The head of the request that is being received, once it has come. */
    private @Nullable HttpRequest head;

    private boolean lingering;

    /** Requests whose head came and whose response has not ended. */
    private int unanswered;

    /** More requests have come than may wait: those beyond are thrown away. */
    private boolean overrun;

    /** One of its requests has been answered. */
    private boolean answered;

    /** One of them by the API, which took it. */
    private boolean proven;

    /** All that wait for an answer asked the API: which of a mix is answered is not known here. */
    private boolean asksApi;

    private int ticks;
    private int lingeredBytes;

    // Answers on their way out, in the bytes that the channel's outbound buffer counts. The client
    // took the first `taken` of the `queued` ones; a backlog is gone once it took `backlogEnd`.
    private long queued;
    private long taken;
    private long backlogEnd;
    private int untakenTicks;
    private int backlogTicks;

    ConnectionGuard(final GuardLoop loop, final Source source) {
        this.loop = loop;
        this.source = source;
    }

    /** Installs the guard into the pipeline of a new HTTP/1 connection of Vert.x. */
    static void install(final ChannelPipeline pipeline, final GuardLoop loop, final Source source) {
        final ConnectionGuard guard = new ConnectionGuard(loop, source);
        final ChannelHandlerContext encryption = pipeline.context(SslHandler.class);
        if (encryption == null) {
            pipeline.addFirst("guard", guard);
        } else {
            guard.encryption = (SslHandler) encryption.handler();
            pipeline.addFirst("guardSocket", guard.new Socket());
            pipeline.addAfter(encryption.name(), "guard", guard);
        }
        pipeline.addBefore("handler", "guardMessages", guard.new Messages());
    }

    /** Refuses a connection that was just accepted. */
    static void refuse(final ChannelPipeline pipeline, final TraceIds ids) {
        // Past the codec, not past the encryption.
        pipeline.context("httpDecoder")
                .writeAndFlush(FULL_ANSWER.with(Correlation.idFor(null, ids)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** Where its peer is. */
    Source source() {
        return source;
    }

    /** Whether it can make room for another one, and how soon. */
    Standing standing() {
        if (lingering) {
            return Standing.LINGERING;
        }
        final ChannelHandlerContext context = ctx;
        if (context != null && pendingBytes(context) > 0) {
            // The tick during which it began to wait does not count.
            return untakenTicks > 1 ? Standing.UNREADING : Standing.BUSY;
        }
        if (unanswered > (head != null ? 1 : 0)) {
            return Standing.BUSY;
        }
        return proven ? Standing.PROVEN : answered ? Standing.UNPROVEN : Standing.NEW;
    }

    /** How long it has been what it is, in ticks. */
    int stillTicks() {
        return Math.max(ticks, untakenTicks);
    }

    /** Makes room for a new connection, at once. */
    void displace() {
        loop.remove(this);
        final ChannelHandlerContext context = ctx;
        if (context == null) {
            return;
        }
        final boolean isTold = receiving && !lingering && pendingBytes(context) == 0;
        lingering = true;
        if (isTold) {
            context.writeAndFlush(FULL_ANSWER.with(correlationId()));
            context.close();
        } else {
            closeAtOnce(context);
        }
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx) {
        this.ctx = ctx;
        loop.add(this);
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) throws Exception {
        loop.remove(this);
        super.channelInactive(ctx);
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object msg) throws Exception {
        if (lingering) {
            lingeredBytes += msg instanceof final ByteBuf bytes ? bytes.readableBytes() : 0;
            ReferenceCountUtil.release(msg);
            if (lingeredBytes > MAX_LINGER_BYTES) {
                closeAtOnce(ctx);
            }
            return;
        }
        if (!receiving) {
            receiving = true;
            ticks = 0;
        }
        super.channelRead(ctx, msg);
    }

    @Override
    public void write(
            final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
        if (encryption == null) {
            countQueued(ctx, msg, promise);
        } else {
            ctx.write(msg, promise);
        }
    }

    private void countQueued(
            final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
        final long before = pendingBytes(ctx);
        ctx.write(msg, promise);
        queued += pendingBytes(ctx) - before;
    }

    @Override
    public void close(final ChannelHandlerContext ctx, final ChannelPromise promise) {
        if (receiving && !lingering && ctx.channel().isActive()) {
            linger(ctx);
        }
        if (lingering) {
            ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        } else {
            ctx.close(promise);
        }
    }

    /** Called by the loop, every tick. */
    void tick() {
        final ChannelHandlerContext context = ctx;
        if (context == null) {
            return;
        }
        if (lingering) {
            if (++ticks >= loop.lingerTicks()) {
                closeAtOnce(context);
            }
        } else if (leavesAnswers(context)) {
            loop.countUnreadTimeout();
            closeAtOnce(context);
        } else if (receiving) {
            // Bytes that wait behind an earlier request's answer are not the client's delay.
            final boolean behindAnother = unanswered > (head != null ? 1 : 0);
            ticks = behindAnother ? 0 : ticks + 1;
            if (ticks >= loop.requestTicks()) {
                loop.countRequestTimeout();
                answerAndClose(context, TIMEOUT_ANSWER);
            }
        } else if (unanswered == 0) {
            ticks = pendingBytes(context) > 0 ? 0 : ticks + 1;
            if (ticks >= loop.idleTicks()) {
                loop.countIdleTimeout();
                context.close();
            }
        }
    }

    /** Past the encryption, which would wait until the client has taken its farewell. */
    private void closeAtOnce(final ChannelHandlerContext context) {
        final ChannelHandlerContext first = outermost;
        (first == null ? context : first).close();
    }

    /** True if the client has had its time to take the answers that wait for it. */
    private boolean leavesAnswers(final ChannelHandlerContext context) {
        final ChannelOutboundBuffer out = context.channel().unsafe().outboundBuffer();
        final long pending = out == null ? 0 : out.totalPendingWriteBytes();
        if (out == null || pending == 0) {
            taken = queued;
            backlogEnd = queued;
            untakenTicks = 0;
            backlogTicks = 0;
            return false;
        }
        // What is pending shrinks by whole buffers; an answer of megabytes is one.
        final long takenNow = queued - pending + out.currentProgress();
        untakenTicks = takenNow > taken ? 0 : untakenTicks + 1;
        taken = takenNow;
        if (takenNow >= backlogEnd) {
            backlogEnd = queued;
            backlogTicks = 0;
        } else {
            backlogTicks++;
        }
        return untakenTicks >= loop.idleTicks() || backlogTicks >= loop.backlogTicks();
    }

    private static long pendingBytes(final ChannelHandlerContext context) {
        final ChannelOutboundBuffer out = context.channel().unsafe().outboundBuffer();
        return out == null ? 0 : out.totalPendingWriteBytes();
    }

    /** Answers past the codec, if the request has no answer yet, and closes. */
    private void answerAndClose(final ChannelHandlerContext context, final RawAnswer answer) {
        if (unanswered == (head != null ? 1 : 0)) {
            context.writeAndFlush(answer.with(correlationId()));
        }
        linger(context);
    }

    /** That of the request that is being received, as far as it has come. */
    private CharSequence correlationId() {
        final HttpRequest received = head;
        return Correlation.idFor(received == null ? null : received.headers(), loop.ids());
    }

    private void linger(final ChannelHandlerContext context) {
        lingering = true;
        ticks = 0;
        context.channel().config().setAutoRead(true);
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            final SslHandler tls = encryption;
            if (flushed.isSuccess() && context.channel() instanceof final DuplexChannel socket) {
                if (tls == null) {
                    socket.shutdownOutput();
                } else {
                    // Says that this is the end, so that nobody takes it for a cut.
                    tls.closeOutbound().addListener(said -> socket.shutdownOutput());
                }
            } else {
                context.close();
            }
        });
    }

    /** True if more of this request is to come than its head. */
    private static boolean hasMoreToCome(final HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            return true;
        }
        final String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        return length != null
                ? !length.equals("0")
                : head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** True if who asked was let in, and asked for something that can be. */
    private static boolean isTaken(final int status) {
        return status < 300 || status == 409 || status == 422;
    }

    /** Where there is encryption, what leaves it: these are the bytes that a client takes or not. */
    private final class Socket extends ChannelOutboundHandlerAdapter {
        @Override
        public void handlerAdded(final ChannelHandlerContext ctx) {
            outermost = ctx;
        }

        @Override
        public void write(
                final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
            countQueued(ctx, msg, promise);
        }
    }

    /** The half of the guard that sees messages. */
    private final class Messages extends ChannelDuplexHandler {
        @Override
        public void channelRead(final ChannelHandlerContext ctx, final Object msg)
                throws Exception {
            if (lingering) {
                ReferenceCountUtil.release(msg);
                return;
            }
            if (msg instanceof final HttpRequest request) {
                if (overrun || unanswered >= loop.maxPipelinedRequests()) {
                    overrun = true;
                    ReferenceCountUtil.release(msg);
                    return;
                }
                asksApi = (asksApi || unanswered == 0) && request.uri().startsWith(API);
                unanswered++;
                head = request;
                final HttpVersion version = request.protocolVersion();
                if (!HttpVersion.HTTP_1_1.equals(version)
                        && !HttpVersion.HTTP_1_0.equals(version)) {
                    // The answer must not repeat it.
                    request.setProtocolVersion(HttpVersion.HTTP_1_1);
                    request.setDecoderResult(UNSUPPORTED_VERSION);
                } else if (request.headers().contains("")) {
                    request.setDecoderResult(FIELD_WITHOUT_NAME);
                }
                if (request.decoderResult().isFailure()) {
                    // It is the last one, and its end will not come.
                    super.channelRead(ctx, msg);
                    return;
                }
            } else if (overrun) {
                ReferenceCountUtil.release(msg);
                return;
            } else if (msg instanceof final HttpContent content
                    && content.decoderResult().isFailure()
                    && unanswered <= 1) {
                ReferenceCountUtil.release(msg);
                final ChannelHandlerContext context = ConnectionGuard.this.ctx;
                if (context != null) {
                    answerAndClose(context, BAD_CHUNK_ANSWER);
                }
                return;
            }
            if (msg instanceof LastHttpContent) {
                receiving = false;
                head = null;
                ticks = 0;
            }
            super.channelRead(ctx, msg);
        }

        @Override
        public void write(
                final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise)
                throws Exception {
            if (lingering) {
                ReferenceCountUtil.release(msg);
                promise.tryFailure(new ClosedChannelException());
                return;
            }
            final HttpResponse response = msg instanceof final HttpResponse r ? r : null;
            if (!(msg instanceof LastHttpContent)
                    || (response != null && response.status().code() < 200)) {
                super.write(ctx, msg, promise);
                return;
            }
            unanswered--;
            ticks = 0;
            answered = true;
            proven |= response != null && asksApi && isTaken(response.status().code());
            final HttpRequest received = head;
            final ChannelHandlerContext context = ConnectionGuard.this.ctx;
            final boolean isLast = overrun || (received != null && hasMoreToCome(received));
            if (unanswered > 0 || context == null || !isLast) {
                super.write(ctx, msg, promise);
                return;
            }
            // Answered before the request was there, or with more behind it than may wait: nobody
            // wants the rest.
            if (response != null) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            super.write(ctx, msg, promise);
            linger(context);
        }
    }
}
