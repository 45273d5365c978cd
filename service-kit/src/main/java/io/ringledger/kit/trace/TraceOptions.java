package io.ringledger.kit.trace;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/**
 * Which requests are traced, and where their spans go.
 *
 * @param endpoint the collector's receiver of OTLP over HTTP, without a path; empty: no traces
 * @param samplePerMillion how many of a million requests are traced without being asked to
 * @param followsCaller true: a request whose {@code traceparent} says that it is sampled is traced
 * @param maxPerSecond most requests that are traced in a second
 * @param queueSpans spans that wait for the collector
 */
public record TraceOptions(
        String endpoint,
        int samplePerMillion,
        boolean followsCaller,
        int maxPerSecond,
        int queueSpans) {
    private static final Setting<String> ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_TRACE_ENDPOINT",
            "OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318; not"
                    + " set: no traces. Before it is set anywhere, every reader of the log must know"
                    + " events of version 1");

    private static final Setting<Integer> SAMPLE_PER_MILLION = Setting.ofInt(
            "RINGLEDGER_TRACE_SAMPLE_PER_MILLION",
            1_000,
            "requests of a million",
            0,
            1_000_000,
            "requests that are traced without being asked to, by their trace ids: the same ones in"
                    + " every process with the same value");

    private static final Setting<Boolean> FOLLOW_CALLER = Setting.ofBoolean(
            "RINGLEDGER_TRACE_FOLLOW_CALLER",
            false,
            "trace requests whose traceparent is sampled too; without it a caller that chooses his"
                    + " trace ids can still be drawn each time: what holds against him is the bound"
                    + " per second, all of which he can take");

    private static final Setting<Integer> MAX_PER_SECOND = Setting.ofInt(
            "RINGLEDGER_TRACE_MAX_PER_SECOND",
            5,
            "requests",
            1,
            10_000,
            "most requests that a process traces in a second, whoever asks for it; the projector"
                    + " traces sixteen times as many events, which come from all ledger processes");

    private static final Setting<Integer> QUEUE_SPANS = Setting.ofInt(
            "RINGLEDGER_TRACE_QUEUE",
            2_048,
            "spans",
            64,
            65_536,
            "spans that wait for the collector; more are dropped and counted");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS =
            List.of(ENDPOINT, SAMPLE_PER_MILLION, FOLLOW_CALLER, MAX_PER_SECOND, QUEUE_SPANS);

    /** Refuses an endpoint that is no address of HTTP. */
    public TraceOptions {
        if (!endpoint.isEmpty() && !isAddress(endpoint)) {
            throw new IllegalArgumentException(ENDPOINT.name()
                    + " must be http://host:port or https://host:port, without a path");
        }
    }

    /** Takes the options from the settings of a process. */
    public static TraceOptions from(final Settings settings) {
        return new TraceOptions(
                settings.get(ENDPOINT),
                settings.get(SAMPLE_PER_MILLION),
                settings.get(FOLLOW_CALLER),
                settings.get(MAX_PER_SECOND),
                settings.get(QUEUE_SPANS));
    }

    /** True if there are traces. */
    public boolean isOn() {
        return !endpoint.isEmpty();
    }

    private static boolean isAddress(final String text) {
        try {
            final URI uri = new URI(text);
            final String path = uri.getPath();
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && (path == null || path.isEmpty() || path.equals("/"))
                    && uri.getQuery() == null
                    && uri.getUserInfo() == null;
        } catch (final URISyntaxException e) {
            return false;
        }
    }
}
