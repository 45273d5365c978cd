package io.ringledger.kit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceIds;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.tracing.TracingPolicy;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.BindException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * An HTTP/1.1 server with every limit that a service at the edge needs: time for an idle connection
 * and for a whole request, bytes of the request line, the headers and the body, number of
 * connections. One listener an event loop, all on one port. Thread-safe.
 */
public final class HttpEdge {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEdge.class);

    /** A negative port asks Vert.x for a free one that its servers share; each edge its own. */
    private static final AtomicInteger FREE_PORT_IDS = new AtomicInteger();

    private final HttpEdgeOptions options;
    private final @Nullable Encryption encryption;
    private final RequestLog log;
    private final Handler<HttpServerRequest> requests;
    private final int listenPort;
    private final OpenConnections openConnections = new OpenConnections();
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private volatile Supplier<Future<Void>> undeploy = Future::succeededFuture;
    private final Counter refusedConnections;
    private final Counter refusedOfAddress;
    private final Counter displacedConnections;
    private final Counter requestTimeouts;
    private final Counter idleTimeouts;
    private final Counter unreadTimeouts;

    private HttpEdge(
            final HttpEdgeOptions options,
            final @Nullable Encryption encryption,
            final MeterRegistry registry,
            final RequestLog log,
            final Handler<HttpServerRequest> requests) {
        this.options = options;
        this.encryption = encryption;
        this.log = log;
        this.requests = requests;
        listenPort = options.port() == 0 ? -FREE_PORT_IDS.incrementAndGet() : options.port();
        Gauge.builder("ringledger.http.connections", openConnections, OpenConnections::count)
                .description("open connections")
                .strongReference(true)
                .register(registry);
        Gauge.builder("ringledger.http.connections.max", options, HttpEdgeOptions::maxConnections)
                .description("limit of open connections")
                .strongReference(true)
                .register(registry);
        refusedConnections = counter(registry, "refused", "connections refused: limit reached");
        refusedOfAddress = counter(
                registry, "refused_address", "connections refused: limit of their address reached");
        displacedConnections = counter(
                registry,
                "displaced",
                "connections that did nothing, closed to make room for others");
        requestTimeouts = counter(registry, "request_timeout", "requests that came too slowly");
        idleTimeouts = counter(registry, "idle_timeout", "connections closed as idle");
        unreadTimeouts =
                counter(registry, "unread_timeout", "connections closed: answers were not read");
    }

    /** Starts to listen without TLS and with the defaults of {@link RequestLog}, see the other one. */
    public static Future<HttpEdge> start(
            final Vertx vertx,
            final HttpEdgeOptions options,
            final MeterRegistry registry,
            final Handler<HttpServerRequest> requests) {
        return start(vertx, options, null, registry, RequestLog.withDefaults(), requests);
    }

    /** Starts to listen with the defaults of {@link RequestLog}, see the other one. */
    public static Future<HttpEdge> start(
            final Vertx vertx,
            final HttpEdgeOptions options,
            final @Nullable Encryption encryption,
            final MeterRegistry registry,
            final Handler<HttpServerRequest> requests) {
        return start(vertx, options, encryption, registry, RequestLog.withDefaults(), requests);
    }

    /** Starts to listen without TLS, see the other one. */
    public static Future<HttpEdge> start(
            final Vertx vertx,
            final HttpEdgeOptions options,
            final MeterRegistry registry,
            final RequestLog log,
            final Handler<HttpServerRequest> requests) {
        return start(vertx, options, null, registry, log, requests);
    }

    /**
     * Starts to listen; the future fails if the port cannot be had.
     *
     * @param encryption what connections are encrypted with; null: plain text
     * @param log what is said about single requests
     * @param requests answers requests, on any event loop; thread-safe
     */
    public static Future<HttpEdge> start(
            final Vertx vertx,
            final HttpEdgeOptions options,
            final @Nullable Encryption encryption,
            final MeterRegistry registry,
            final RequestLog log,
            final Handler<HttpServerRequest> requests) {
        final HttpEdge edge = new HttpEdge(options, encryption, registry, log, requests);
        final DeploymentOptions deployment = new DeploymentOptions()
                .setThreadingModel(ThreadingModel.EVENT_LOOP)
                .setInstances(options.eventLoops());
        return vertx.deployVerticle(() -> edge.new Listener(), deployment)
                .map(id -> edge)
                .recover(e -> Future.failedFuture(withAddress(e, options)));
    }

    /** What the system says of an address that cannot be had does not name it. */
    private static Throwable withAddress(final Throwable e, final HttpEdgeOptions options) {
        if (!(e instanceof BindException)) {
            return e;
        }
        final BindException named = new BindException("port " + options.port() + " of "
                + options.host() + " cannot be had (" + e.getMessage()
                + "): RINGLEDGER_HTTP_HOST and RINGLEDGER_HTTP_PORT choose another");
        named.initCause(e);
        return named;
    }

    /** The port that it listens on. */
    public int port() {
        return servers.getFirst().actualPort();
    }

    /** How many connections are open. */
    public int openConnections() {
        return openConnections.count();
    }

    /**
     * Accepts no more connections, lets requests in flight finish for at most {@code graceMs}, then
     * closes what is left.
     */
    public Future<Void> stop(final long graceMs) {
        final List<Future<Void>> stopped = new ArrayList<>();
        for (final HttpServer server : servers) {
            stopped.add(server.shutdown(graceMs, TimeUnit.MILLISECONDS));
        }
        return Future.join(stopped).transform(ended -> undeploy.get());
    }

    private static Counter counter(
            final MeterRegistry registry, final String event, final String description) {
        return Counter.builder("ringledger.http.connection.events")
                .tag("event", event)
                .description(description)
                .register(registry);
    }

    private HttpServerOptions serverOptions() {
        final HttpServerOptions server = plainOptions();
        if (encryption != null) {
            encryption.applyTo(server);
        }
        return server;
    }

    private HttpServerOptions plainOptions() {
        return new HttpServerOptions()
                .setHost(options.host())
                .setPort(listenPort)
                .setAcceptBacklog(options.backlog())
                .setReuseAddress(true)
                .setReusePort(false)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setSsl(false)
                .setUseAlpn(false)
                .setAlpnVersions(List.of(HttpVersion.HTTP_1_1))
                .setHttp2ClearTextEnabled(false)
                // ConnectionGuard bounds idle and slow connections.
                .setIdleTimeout(0)
                .setMaxInitialLineLength(options.maxInitialLineBytes())
                .setMaxHeaderSize(options.maxHeaderBytes())
                .setMaxChunkSize(options.maxChunkBytes())
                .setMaxFormAttributeSize(0)
                .setMaxFormFields(0)
                .setMaxFormBufferedBytes(0)
                .setHandle100ContinueAutomatically(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setRegisterWebSocketWriteHandlers(false)
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setLogActivity(false);
    }

    private static void answerInvalidRequest(final HttpServerRequest request, final TraceIds ids) {
        Correlation.begin(request, ids);
        final Throwable cause = request.decoderResult().cause();
        final Problem problem;
        if (cause instanceof TooLongHttpLineException) {
            problem = Problem.of(ProblemCode.URI_TOO_LONG, "the request line is too long");
        } else if (cause instanceof TooLongHttpHeaderException) {
            problem = Problem.of(ProblemCode.HEADERS_TOO_LARGE, "the header fields are too large");
        } else {
            problem =
                    Problem.of(ProblemCode.MALFORMED_REQUEST, "the request is not valid HTTP/1.1");
        }
        SecurityHeaders.put(request);
        problem.send(request);
    }

    /** One server on one event loop. */
    private final class Listener extends VerticleBase {
        private final TraceIds ids = new TraceIds();

        /** Made once: whoever opens connections all the time must not make us make it. */
        private final HttpServerOptions decoding = plainOptions();

        @Override
        public Future<?> start() {
            final GuardLoop loop = new GuardLoop(
                    options,
                    ids,
                    openConnections,
                    requestTimeouts::increment,
                    idleTimeouts::increment,
                    unreadTimeouts::increment);
            vertx.setPeriodic(loop.tickMs(), id -> loop.tick());
            final HttpServer server = vertx.createHttpServer(serverOptions())
                    .connectionHandler(connection -> accept(connection, loop))
                    .invalidRequestHandler(request -> answerInvalidRequest(request, ids))
                    .exceptionHandler(e -> LOG.debug("connection failed", e))
                    .requestHandler(this::handle);
            return server.listen().onSuccess(listening -> {
                servers.add(listening);
                if (encryption != null) {
                    encryption.keep(listening);
                }
            });
        }

        private void accept(final HttpConnection connection, final GuardLoop loop) {
            final Channel channel = ((ConnectionBase) connection).channel();
            log.attachTo(channel);
            final SocketAddress peer = channel.remoteAddress();
            final int maxOfAddress = options.maxConnectionsPerAddress();
            final int ofAddress = openConnections.countFrom(peer);
            if (maxOfAddress > 0 && ofAddress >= maxOfAddress) {
                refusedOfAddress.increment();
                ConnectionGuard.refuse(channel.pipeline(), ids);
            } else if (hasRoom(loop, ofAddress)) {
                StrictRequestDecoder.install(channel.pipeline(), decoding);
                ConnectionGuard.install(channel.pipeline(), loop, openConnections.enter(peer));
            } else {
                refusedConnections.increment();
                ConnectionGuard.refuse(channel.pipeline(), ids);
            }
        }

        /** Room for one more, if need be that of one which does nothing. */
        private boolean hasRoom(final GuardLoop loop, final int ofAddress) {
            if (openConnections.count() < options.maxConnections()) {
                return true;
            }
            final ConnectionGuard inTheWay = loop.toDisplaceFor(ofAddress);
            if (inTheWay == null) {
                return false;
            }
            displacedConnections.increment();
            inTheWay.displace();
            return true;
        }

        private void handle(final HttpServerRequest request) {
            Correlation.begin(request, ids);
            SecurityHeaders.put(request);
            try {
                requests.handle(request);
            } catch (final RuntimeException e) {
                log.failed(request, e);
                Problem.of(ProblemCode.INTERNAL_ERROR, "an internal error").send(request);
            }
        }
    }
}
