package io.ringledger.kit.log;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.trace.Correlation;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Lines about single requests: those that were answered 5xx, those that took long, and those whose
 * trace the client samples. Nothing about the others, of which there are tens of thousands a second.
 * Each of the three has a budget of lines a second of its own, so that whoever sends sampled or
 * hopeless requests neither fills a disk nor hides what the others would say.
 *
 * <p>A line names the request by its correlation id, route, status, code and time, never by what is
 * a customer's: no account, no key, no reference, no token, no text that a client sent.
 *
 * <p>It hangs on the connection, where whoever answers finds it ({@link #of}). Thread-safe.
 */
public final class RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
    private static final AttributeKey<RequestLog> KEY =
            AttributeKey.valueOf(RequestLog.class, "log");
    private static final int SERVER_ERROR = 500;

    /** Of a request whose beginning nobody noted. */
    public static final long NOT_TIMED = Long.MIN_VALUE;

    /** Where an answer has none. */
    public static final int NO_PARTITION = -1;

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private static final Setting<Integer> SLOW_MS = Setting.ofInt(
            "RINGLEDGER_LOG_SLOW_REQUEST_MS",
            1_000,
            "ms",
            1,
            600_000,
            "a request that takes longer gets a line in the log");

    private static final Setting<Integer> LINES = Setting.ofInt(
            "RINGLEDGER_LOG_REQUEST_LINES_PER_SECOND",
            50,
            "lines",
            0,
            10_000,
            "lines about requests: so many for those answered 5xx, for slow ones, for sampled ones");

    /** The settings that {@link #from} reads. */
    static final List<Setting<?>> SETTINGS = List.of(SLOW_MS, LINES);

    /** Writes nothing: where no server of ours has taken the connection. */
    private static final RequestLog NONE = new RequestLog(600_000, 0, System::nanoTime);

    /** Why a request has a line. */
    private enum Reason {
        /** It was answered 5xx. */
        ERROR,
        /** It took long. */
        SLOW,
        /** Its client traces it. */
        SAMPLED,
        /** A fault of ours, with its stack. */
        FAULT
    }

    private final long slowNs;
    private final LongSupplier nanoTime;
    private final Map<Reason, LineBudget> budgets = new EnumMap<>(Reason.class);
    private final LongAdder leftOut = new LongAdder();

    RequestLog(final int slowMs, final int linesPerSecond, final LongSupplier nanoTime) {
        this.slowNs = TimeUnit.MILLISECONDS.toNanos(slowMs);
        this.nanoTime = nanoTime;
        for (final Reason reason : Reason.values()) {
            budgets.put(reason, new LineBudget(linesPerSecond, nanoTime));
        }
    }

    /** One with the defaults, for servers of tools and tests. */
    public static RequestLog withDefaults() {
        return from(Settings.read(Map.of(), SETTINGS));
    }

    /** One with the limits of a process. */
    public static RequestLog from(final Settings settings) {
        return new RequestLog(settings.get(SLOW_MS), settings.get(LINES), System::nanoTime);
    }

    /** The same, and says how many lines it leaves out. */
    public static RequestLog from(final Settings settings, final MeterRegistry registry) {
        final RequestLog log = from(settings);
        FunctionCounter.builder("ringledger.log.lines.left.out", log.leftOut, LongAdder::sum)
                .description("lines about requests that were not written: more than a second's")
                .register(registry);
        return log;
    }

    /** From now on, requests of the connection are this one's. */
    public void attachTo(final Channel channel) {
        channel.attr(KEY).set(this);
    }

    /** That of the request's connection. */
    public static RequestLog of(final HttpServerRequest request) {
        if (request.connection() instanceof final ConnectionBase connection) {
            final RequestLog log = connection.channel().attr(KEY).get();
            return log == null ? NONE : log;
        }
        return NONE;
    }

    /**
     * Called for every answer; writes a line if the request deserves one.
     *
     * @param status of the answer
     * @param code of the problem, or in one word what came of it
     * @param startNs when the request was taken, by {@link System#nanoTime}, or {@link #NOT_TIMED}
     */
    public void answered(
            final HttpServerRequest request,
            final int status,
            final String code,
            final long startNs) {
        answered(request, status, code, startNs, NO_PARTITION, 0);
    }

    /**
     * The same for an answer out of a partition.
     *
     * @param partition or {@link #NO_PARTITION}
     * @param sequence of the event, or 0 where there is none
     */
    public void answered(
            final HttpServerRequest request,
            final int status,
            final String code,
            final long startNs,
            final int partition,
            final long sequence) {
        final long tookNs = startNs == NOT_TIMED ? -1 : nanoTime.getAsLong() - startNs;
        final Reason reason = reason(request, status, tookNs);
        if (reason == null) {
            return;
        }
        LoggingEventBuilder line = begin(reason, request);
        if (line == null) {
            return;
        }
        line = line.addKeyValue("status", status).addKeyValue("code", code);
        if (tookNs >= 0) {
            line = line.addKeyValue("milliseconds", TimeUnit.NANOSECONDS.toMillis(tookNs));
        }
        if (partition != NO_PARTITION) {
            line = line.addKeyValue("partition", partition);
        }
        if (sequence > 0) {
            line = line.addKeyValue("sequence", sequence);
        }
        line.log("request");
    }

    /**
     * The same for a problem.
     *
     * @param position where the refusal is recorded, or null
     */
    public void refused(
            final HttpServerRequest request,
            final int status,
            final String code,
            final long startNs,
            final int partition,
            final @Nullable String position) {
        final int dash = position == null ? -1 : position.indexOf('-');
        if (position == null || dash < 0) {
            answered(request, status, code, startNs, partition, 0);
        } else {
            answered(
                    request,
                    status,
                    code,
                    startNs,
                    Integer.parseInt(position, 0, dash, 10),
                    Long.parseLong(position, dash + 1, position.length(), 10));
        }
    }

    /** A fault of ours while the request was worked on: with its stack, so often. */
    public void failed(final HttpServerRequest request, final Throwable cause) {
        final LoggingEventBuilder line = begin(Reason.FAULT, request);
        if (line != null) {
            line.setCause(cause).log("request failed");
        }
    }

    private @Nullable Reason reason(
            final HttpServerRequest request, final int status, final long tookNs) {
        if (status >= SERVER_ERROR) {
            return Reason.ERROR;
        }
        if (tookNs > slowNs) {
            return Reason.SLOW;
        }
        return Correlation.sampled(request) == null ? null : Reason.SAMPLED;
    }

    /** Null if there have been enough. */
    private @Nullable LoggingEventBuilder begin(
            final Reason reason, final HttpServerRequest request) {
        final LineBudget budget = budgets.get(reason);
        if (budget == null || !budget.tryTake()) {
            leftOut.increment();
            return null;
        }
        LoggingEventBuilder line = reason == Reason.FAULT ? LOG.atError() : LOG.atInfo();
        final String method = request.method().name();
        final long before = budget.takeLeftOut();
        if (before > 0) {
            line = line.addKeyValue("linesLeftOut", before);
        }
        return line.addKeyValue("correlationId", Correlation.idOf(request))
                .addKeyValue("reason", reason.name().toLowerCase(Locale.ROOT))
                .addKeyValue("method", METHODS.contains(method) ? method : "other")
                .addKeyValue("route", RouteName.of(request.path()));
    }
}
