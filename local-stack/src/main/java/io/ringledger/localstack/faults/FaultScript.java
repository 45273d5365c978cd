package io.ringledger.localstack.faults;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The rules that are in force, and how often each fault has happened. The first rule that takes a
 * request decides. The same seed and the same order of requests give the same faults. Thread-safe.
 */
public final class FaultScript {
    private final LongSupplier nanoClock;

    // Guarded by this.
    private final Random random;
    private final List<Active> rules = new ArrayList<>();
    private final Map<Fault, Long> fired = new EnumMap<>(Fault.class);
    private final Map<String, Long> requests = new TreeMap<>();

    /** Without rules. */
    public FaultScript(final long seed, final LongSupplier nanoClock) {
        this.random = new Random(seed);
        this.nanoClock = nanoClock;
    }

    /** Puts a rule in force, after those that are. */
    public synchronized void add(final FaultRule rule) {
        rules.add(new Active(rule, nanoClock.getAsLong()));
    }

    /** Ends all rules; what is delayed already stays delayed. */
    public synchronized void clear() {
        rules.clear();
    }

    /** The rules in force. */
    public synchronized List<FaultRule> rules() {
        final long nowNs = nanoClock.getAsLong();
        rules.removeIf(active -> active.isOver(nowNs));
        return rules.stream().map(active -> active.rule).toList();
    }

    /** How often each fault has happened since the start; those that never did have 0. */
    public synchronized Map<Fault, Long> fired() {
        final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
        for (final Fault fault : Fault.values()) {
            counts.put(fault, fired.getOrDefault(fault, 0L));
        }
        return counts;
    }

    /** Requests since the start, by action. */
    public synchronized Map<String, Long> requests() {
        return new TreeMap<>(requests);
    }

    /** Which rule a request meets; null: none. Counts. */
    synchronized @Nullable FaultRule onRequest(final String action) {
        requests.merge(action, 1L, Long::sum);
        final long nowNs = nanoClock.getAsLong();
        rules.removeIf(active -> active.isOver(nowNs));
        for (final Active active : rules) {
            if (active.takes(action, random)) {
                fired.merge(active.rule.fault(), 1L, Long::sum);
                return active.rule;
            }
        }
        return null;
    }

    /** A rule in force. */
    private static final class Active {
        private final FaultRule rule;
        private final long sinceNs;
        private long matched;
        private long taken;

        Active(final FaultRule rule, final long sinceNs) {
            this.rule = rule;
            this.sinceNs = sinceNs;
        }

        boolean isOver(final long nowNs) {
            return taken >= rule.limit()
                    || TimeUnit.NANOSECONDS.toMillis(nowNs - sinceNs) >= rule.forMs();
        }

        boolean takes(final String action, final Random random) {
            if (!rule.action().isEmpty() && !rule.action().equals(action)) {
                return false;
            }
            matched++;
            if (matched % rule.every() != 0
                    || (rule.probability() < 1 && random.nextDouble() >= rule.probability())) {
                return false;
            }
            taken++;
            return true;
        }
    }
}
