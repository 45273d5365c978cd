package io.ringledger.kit.trace;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.ringledger.kit.GrantedHandler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The traces of one process: decides which requests are sampled, and records their spans for a
 * collector (OpenTelemetry, OTLP over HTTP). Thread-safe. Nobody who records ever waits; what is not
 * sampled costs one look at its header, and {@link #OFF} nothing.
 *
 * <p>A request is sampled if its caller says so and callers are followed, or if its trace id is one
 * of so many in a million; but in each second never more than the bound, whatever callers send.
 */
public final class Tracing implements AutoCloseable {
    /** No traces. */
    public static final Tracing OFF = new Tracing();

    private static final AttributeKey<TraceSpan> KEY = AttributeKey.valueOf(Tracing.class, "span");

    /** One reader of the log has the sampled events of several writers, each with its own bound. */
    private static final int WRITERS = 16;

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private static final int MILLION = 1_000_000;
    private static final int SERVER_ERROR = 500;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(4);
    private static final long CLOSE_TIMEOUT_MS = 1_000;

    // Held here: the JDK forgets the level of a logger that nobody holds.
    private static final Logger EXPORTER_LOG = Logger.getLogger("io.opentelemetry.exporter");

    private final TraceOptions options;
    private final SpanIds ids = new SpanIds();
    private final @Nullable SdkTracerProvider provider;
    private final @Nullable Tracer tracer;
    private final SampleBound bound;
    private final SampleBound receivedBound;
    private final LongAdder sampled = new LongAdder();
    private final LongAdder overBound = new LongAdder();

    private Tracing() {
        options = new TraceOptions("", 0, false, 1, 1);
        bound = new SampleBound(1, () -> 0);
        receivedBound = bound;
        provider = null;
        tracer = null;
    }

    private Tracing(
            final TraceOptions options,
            final String service,
            final MeterRegistry registry,
            final LongSupplier nanoTime) {
        this.options = options;
        bound = new SampleBound(options.maxPerSecond(), nanoTime);
        receivedBound = new SampleBound(WRITERS * options.maxPerSecond(), nanoTime);
        // It writes past our log, for each export that fails; SpanExport says so instead.
        EXPORTER_LOG.setLevel(Level.OFF);
        final String base =
                options.endpoint().endsWith("/") ? options.endpoint() : options.endpoint() + '/';
        final OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(base + "v1/traces")
                .setConnectTimeout(CONNECT_TIMEOUT)
                .setTimeout(EXPORT_TIMEOUT)
                .setRetryPolicy(null)
                .build();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault()
                        .merge(Resource.create(Attributes.builder()
                                .put("service.name", service)
                                .put("service.namespace", "ringledger")
                                .build())))
                .setIdGenerator(ids)
                // Only what is sampled gets here.
                .setSampler(Sampler.alwaysOn())
                .addSpanProcessor(new SpanExport(
                        exporter, options.queueSpans(), options.endpoint(), service, registry))
                .build();
        tracer = provider.get("io.ringledger");
        FunctionCounter.builder("ringledger.trace.sampled", sampled, LongAdder::sum)
                .tag("service", service)
                .description("requests, and in the projector events, that were traced")
                .register(registry);
        FunctionCounter.builder("ringledger.trace.over.bound", overBound, LongAdder::sum)
                .tag("service", service)
                .description("requests and events that were not traced: more than a second's")
                .register(registry);
    }

    /**
     * The traces of a service; {@link #OFF} if no collector is named.
     *
     * @param service as it is called in the traces
     */
    public static Tracing open(
            final TraceOptions options, final String service, final MeterRegistry registry) {
        return open(options, service, registry, System::nanoTime);
    }

    static Tracing open(
            final TraceOptions options,
            final String service,
            final MeterRegistry registry,
            final LongSupplier nanoTime) {
        return options.isOn() ? new Tracing(options, service, registry, nanoTime) : OFF;
    }

    /** One without meters, for tests. */
    static Tracing open(final TraceOptions options, final LongSupplier nanoTime) {
        return open(options, "test", new SimpleMeterRegistry(), nanoTime);
    }

    /** False for {@link #OFF}. */
    public boolean isOn() {
        return tracer != null;
    }

    /**
     * Begins the span of each sampled request before it is handled, and ends it with the answer.
     * Behind whoever asks for tokens: who may not use the service does not use its traces.
     */
    public GrantedHandler serving(final GrantedHandler next) {
        if (!isOn()) {
            return next;
        }
        return (request, grant) -> {
            begin(request);
            next.handle(request, grant);
        };
    }

    /** The span of a request that is sampled, else null; on its event loop, until it is answered. */
    public @Nullable TraceSpan of(final HttpServerRequest request) {
        return isOn() ? attribute(request).get() : null;
    }

    /** The same for those who do not know whether there are traces. */
    public static @Nullable TraceSpan ofAny(final HttpServerRequest request) {
        return attribute(request).get();
    }

    /**
     * The span of something that the log brought, if this second may have one more; else null.
     *
     * @param sender the span that sent it into the log
     * @param startEpochNs when it began, in nanoseconds since 1970 UTC
     */
    public @Nullable TraceSpan received(
            final String name, final TraceParent sender, final long startEpochNs) {
        if (!isOn() || !take(receivedBound)) {
            return null;
        }
        return start(name, TraceSpan.Kind.CONSUMER, sender, startEpochNs);
    }

    /** The method of a request, for a span: a client may write any word there. */
    public static String methodOf(final HttpServerRequest request) {
        final String method = request.method().name();
        return METHODS.contains(method) ? method : "_OTHER";
    }

    private void begin(final HttpServerRequest request) {
        final TraceParent sent = sent(request);
        final TraceParent trace = sent == null ? begun(request) : sent;
        final boolean isAsked = options.followsCaller() && sent != null && sent.isSampled();
        if (!(isAsked || isDrawn(trace)) || !take(bound)) {
            return;
        }
        final TraceSpan span = sent == null
                ? startRoot(methodOf(request), trace)
                : start(methodOf(request), TraceSpan.Kind.SERVER, sent, 0);
        span.set("http.request.method", methodOf(request));
        final Attribute<TraceSpan> attribute = attribute(request);
        attribute.set(span);
        request.response().bodyEndHandler(ended -> {
            attribute.compareAndSet(span, null);
            final int status = request.response().getStatusCode();
            span.set("http.response.status_code", status);
            if (status >= SERVER_ERROR) {
                span.failed("answered " + status);
            }
            span.end();
        });
        request.response().closeHandler(closed -> {
            attribute.compareAndSet(span, null);
            span.failed("the client has gone").end();
        });
    }

    private boolean take(final SampleBound bound) {
        final boolean isWithin = bound.tryTake();
        (isWithin ? sampled : overBound).increment();
        return isWithin;
    }

    /** The same answer for a trace id in every process. */
    private boolean isDrawn(final TraceParent trace) {
        return Long.remainderUnsigned(trace.traceIdLow(), MILLION) < options.samplePerMillion();
    }

    /** What the caller sent; null if there is none, several, or what is not valid. */
    private static @Nullable TraceParent sent(final HttpServerRequest request) {
        final List<String> all = request.headers().getAll(TraceParent.HEADER);
        return all.size() == 1 ? TraceParent.parse(all.getFirst()) : null;
    }

    /** The trace that begins with the request: its correlation id is the trace id. */
    private static TraceParent begun(final HttpServerRequest request) {
        final TraceParent trace =
                TraceParent.ofTraceId(Correlation.idOf(request), TraceParent.freshSpanId());
        return trace == null ? TraceParent.fresh(false) : trace;
    }

    private TraceSpan startRoot(final String name, final TraceParent trace) {
        ids.nextTraceId(trace);
        try {
            return span(Objects.requireNonNull(tracer)
                    .spanBuilder(name)
                    .setSpanKind(SpanKind.SERVER)
                    .setNoParent()
                    .startSpan());
        } finally {
            ids.nextTraceId(null);
        }
    }

    /**
     * A span below another one.
     *
     * @param startEpochNs when it began, in nanoseconds since 1970 UTC; 0: now
     */
    TraceSpan start(
            final String name,
            final TraceSpan.Kind kind,
            final TraceParent parent,
            final long startEpochNs) {
        final SpanContext remote = SpanContext.createFromRemoteParent(
                parent.traceId(),
                TraceParent.spanId(parent.spanId()),
                TraceFlags.getSampled(),
                TraceState.getDefault());
        final SpanBuilder builder = Objects.requireNonNull(tracer)
                .spanBuilder(name)
                .setSpanKind(kindOf(kind))
                .setParent(Context.root().with(Span.wrap(remote)));
        if (startEpochNs != 0) {
            builder.setStartTimestamp(startEpochNs, TimeUnit.NANOSECONDS);
        }
        return span(builder.startSpan());
    }

    private TraceSpan span(final Span span) {
        final SpanContext context = span.getSpanContext();
        return new TraceSpan(
                this,
                span,
                new TraceParent(
                        HexFormat.fromHexDigitsToLong(context.getTraceId(), 0, 16),
                        HexFormat.fromHexDigitsToLong(context.getTraceId(), 16, 32),
                        HexFormat.fromHexDigitsToLong(context.getSpanId()),
                        true));
    }

    private static SpanKind kindOf(final TraceSpan.Kind kind) {
        return switch (kind) {
            case SERVER -> SpanKind.SERVER;
            case CLIENT -> SpanKind.CLIENT;
            case PRODUCER -> SpanKind.PRODUCER;
            case CONSUMER -> SpanKind.CONSUMER;
        };
    }

    /** One request at a time has a connection of HTTP/1.1. */
    private static Attribute<TraceSpan> attribute(final HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channel().attr(KEY);
    }

    /** Sends what waits, as far as a short time allows, and ends. */
    @Override
    public void close() {
        if (provider != null) {
            provider.shutdown().join(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }
    }
}
