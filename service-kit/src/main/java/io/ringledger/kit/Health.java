package io.ringledger.kit;

import io.vertx.core.Future;
import io.vertx.core.Promise;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which parts of a process are ready for work. A process is live as long as it answers. Thread-safe.
 *
 * <p>Anybody may ask, and a part may have to ask a database: the parts are asked once at a time, and
 * whoever comes meanwhile or within a second after has the same answer.
 */
public final class Health {
    /** A check that takes longer is not ready, in milliseconds. */
    private static final long CHECK_LIMIT_MS = 2_000;

    /** How long an answer is given again. */
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, Check> checks = new ConcurrentHashMap<>();
    private final LongSupplier clockNs;

    // Guarded by this: the answer that is under way or was given last, and when it came.
    private @Nullable Future<List<Part>> last;
    private long answeredAtNs;

    /** No parts yet. */
    public Health() {
        this(System::nanoTime);
    }

    /**
     * The same by another clock.
     *
     * @param clockNs in nanoseconds, never back
     */
    Health(final LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    /** Says whether one part is ready. */
    public interface Check {
        /** Null if the part is ready, else why not, in words without internals; must not block. */
        Future<@Nullable String> reasonNotReady();
    }

    /**
     * How ready one part is.
     *
     * @param name the part
     * @param reason null if it is ready, else why not
     */
    record Part(String name, @Nullable String reason) {
        @Override
        public String toString() {
            return name + ": " + (reason == null ? "ready" : reason);
        }
    }

    /** Adds a part that must be ready. */
    public void addReadiness(final String name, final Check check) {
        if (checks.putIfAbsent(name, check) != null) {
            throw new IllegalArgumentException("part added twice: " + name);
        }
        synchronized (this) {
            // Knows nothing of this part.
            last = null;
        }
    }

    /**
     * How ready every part is, in the order of their names; not older than a second. Never fails;
     * completes on any thread.
     */
    Future<List<Part>> readiness() {
        final Promise<List<Part>> promise = Promise.promise();
        final Future<List<Part>> answer = promise.future();
        synchronized (this) {
            final Future<List<Part>> before = last;
            if (before != null
                    && (!before.isComplete() || clockNs.getAsLong() - answeredAtNs < KEPT_NS)) {
                return before;
            }
            last = answer;
        }
        askAll().onSuccess(parts -> {
            synchronized (this) {
                if (last == answer) {
                    answeredAtNs = clockNs.getAsLong();
                }
            }
            promise.complete(parts);
        });
        return answer;
    }

    private Future<List<Part>> askAll() {
        final List<Future<Part>> asked = new ArrayList<>();
        for (final Map.Entry<String, Check> entry : new TreeMap<>(checks).entrySet()) {
            asked.add(ask(entry.getKey(), entry.getValue()));
        }
        return Future.all(asked).map(all -> all.<Part>list());
    }

    private static Future<Part> ask(final String name, final Check check) {
        Future<@Nullable String> answer;
        try {
            answer = check.reasonNotReady().timeout(CHECK_LIMIT_MS, TimeUnit.MILLISECONDS);
        } catch (final RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        return answer.map(reason -> new Part(name, reason))
                .otherwise(e -> new Part(name, "the check failed or took too long"));
    }
}
