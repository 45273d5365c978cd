package io.ringledger.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * How long a partition acknowledges nothing after its owner was killed or frozen: until the first
 * answer to a command that was sent after that. Thread-safe.
 */
final class Takeovers {
    /** An owner that is gone, and nobody has answered since. */
    private static final class Gap {
        final int partition;
        final long sinceNs;
        boolean isDisturbed;

        Gap(final int partition, final long sinceNs, final boolean isDisturbed) {
            this.partition = partition;
            this.sinceNs = sinceNs;
            this.isDisturbed = isDisturbed;
        }
    }

    private final long boundMs;
    private final Consumer<String> slow;

    // Guarded by this.
    private final List<Gap> open = new ArrayList<>();
    private final List<Long> quietMs = new ArrayList<>();
    private final List<Long> disturbedMs = new ArrayList<>();
    private long disturbedUntilNs = System.nanoTime();

    /**
     * Takes no time yet.
     *
     * @param boundMs what a takeover may take
     * @param slow hears of each that nothing disturbed and that took longer
     */
    Takeovers(final long boundMs, final Consumer<String> slow) {
        this.boundMs = boundMs;
        this.slow = slow;
    }

    /**
     * The owner of partitions is gone now; without partitions nothing happens.
     *
     * @param isDisturbed true: something else is broken as well
     */
    synchronized void onOwnerGone(final List<Integer> partitions, final boolean isDisturbed) {
        if (partitions.isEmpty()) {
            return;
        }
        final long nowNs = System.nanoTime();
        final boolean isQuiet = !isDisturbed && open.isEmpty() && disturbedUntilNs - nowNs < 0;
        disturb(0);
        for (final int partition : partitions) {
            open.add(new Gap(partition, nowNs, !isQuiet));
        }
    }

    /** Something else is broken from now on: what is open then did not have quiet. */
    synchronized void disturb(final long forMs) {
        final long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMs);
        if (untilNs - disturbedUntilNs > 0) {
            disturbedUntilNs = untilNs;
        }
        open.forEach(gap -> gap.isDisturbed = true);
    }

    /** A partition has answered a command that was sent at a time. */
    synchronized void onAnswer(final int partition, final long sentNs) {
        if (open.isEmpty()) {
            return;
        }
        final long nowNs = System.nanoTime();
        final Iterator<Gap> gaps = open.iterator();
        while (gaps.hasNext()) {
            final Gap gap = gaps.next();
            if (gap.partition == partition && sentNs - gap.sinceNs > 0) {
                final long tookMs = TimeUnit.NANOSECONDS.toMillis(nowNs - gap.sinceNs);
                (gap.isDisturbed ? disturbedMs : quietMs).add(tookMs);
                gaps.remove();
                if (!gap.isDisturbed && tookMs > boundMs) {
                    slow.accept("partition " + partition + " had no owner for " + tookMs + " ms");
                }
            }
        }
    }

    /** Partitions that still have no owner. */
    synchronized List<Integer> open() {
        return open.stream().map(gap -> gap.partition).sorted().toList();
    }

    synchronized List<Long> quietMs() {
        return List.copyOf(quietMs);
    }

    synchronized List<Long> disturbedMs() {
        return List.copyOf(disturbedMs);
    }

    /** Count and percentiles, for people. */
    static String describe(final List<Long> tookMs) {
        if (tookMs.isEmpty()) {
            return "none";
        }
        final long[] sorted = tookMs.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "n=%d, p50 %d ms, p99 %d ms, max %d ms",
                sorted.length,
                at(sorted, 0.5),
                at(sorted, 0.99),
                sorted[sorted.length - 1]);
    }

    private static long at(final long[] sorted, final double share) {
        return sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
    }
}
