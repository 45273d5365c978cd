package io.ringledger.torture;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long a partition had no outcome for anybody: the longest time between two answers with one.
 * Who asks all the time ({@link Prober}) learns it to some tens of milliseconds. Thread-safe.
 */
final class Unserved {
    // Guarded by this.
    private final long[] lastNs;
    private final long[] longestNs;
    private boolean isCounting;

    Unserved(final int partitions) {
        lastNs = new long[partitions];
        longestNs = new long[partitions];
    }

    /** Somebody asks from now on. */
    synchronized void begin(final long nowNs) {
        Arrays.fill(lastNs, nowNs);
        Arrays.fill(longestNs, 0);
        isCounting = true;
    }

    synchronized void onAnswer(final int partition, final long nowNs) {
        if (isCounting) {
            longestNs[partition] = Math.max(longestNs[partition], nowNs - lastNs[partition]);
            lastNs[partition] = nowNs;
        }
    }

    /** Nobody asks any more. */
    synchronized void end(final long nowNs) {
        for (int partition = 0; partition < lastNs.length; partition++) {
            onAnswer(partition, nowNs);
        }
        isCounting = false;
    }

    /** Of each partition, in ms. */
    synchronized List<Long> longestMs() {
        return Arrays.stream(longestNs)
                .map(TimeUnit.NANOSECONDS::toMillis)
                .boxed()
                .toList();
    }
}
