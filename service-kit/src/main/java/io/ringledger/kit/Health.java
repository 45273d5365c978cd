package io.ringledger.kit;

import io.vertx.core.Future;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which parts of a process are ready for work. A process is live as long as it answers. Thread-safe.
 */
public final class Health {
    /** A check that takes longer is not ready, in milliseconds. */
    private static final long CHECK_LIMIT_MS = 2_000;

    private final Map<String, Check> checks = new ConcurrentHashMap<>();

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
    }

    /** Asks every part at once, in the order of their names. Never fails. */
    Future<List<Part>> readiness() {
        final List<Future<Part>> asked = new ArrayList<>();
        for (final Map.Entry<String, Check> entry : new TreeMap<>(checks).entrySet()) {
            asked.add(ask(entry.getKey(), entry.getValue()));
        }
        return Future.all(asked).map(all -> all.<Part>list());
    }

    private static Future<Part> ask(final String name, final Check check) {
        Future<@Nullable String> answer;
        try {
            answer = check.reasonNotReady();
        } catch (final RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        return answer.timeout(CHECK_LIMIT_MS, TimeUnit.MILLISECONDS)
                .map(reason -> new Part(name, reason))
                .otherwise(e -> new Part(name, "the check failed or took too long"));
    }
}
