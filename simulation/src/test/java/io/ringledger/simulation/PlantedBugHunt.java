package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/** Plants one bug after another and runs seeds until one finds it. */
final class PlantedBugHunt {
    /**
     * How one bug was found.
     *
     * @param violation the broken rule; null: it was not found
     * @param seeds how many were run
     */
    record Catch(PlantedBug bug, @Nullable String violation, long seeds, double seconds) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%-76s %5d  %5.1f s  %s%s",
                    bug.name(),
                    seeds,
                    seconds,
                    violation == null ? "NOT CAUGHT" : ruleOf(violation),
                    bug.note().isEmpty() ? "" : "  [" + bug.note() + "]");
        }

        private static String ruleOf(final String violation) {
            return violation.substring(0, Math.min(110, violation.length()));
        }
    }

    /** So much processor time is one bug given. */
    private static final long LIMIT_NS = 120_000_000_000L;

    private PlantedBugHunt() {}

    /** Hunts all bugs, a few at a time; the results are in the order of the bugs. */
    static List<Catch> hunt(
            final List<PlantedBug> bugs,
            final Path root,
            final long firstSeed,
            final int maxSeeds,
            final int threads)
            throws InterruptedException {
        final List<Future<Catch>> hunts = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (final PlantedBug bug : bugs) {
                hunts.add(executor.submit(() -> hunt(bug, root, firstSeed, maxSeeds)));
            }
        }
        final List<Catch> caught = new ArrayList<>();
        for (final Future<Catch> hunt : hunts) {
            try {
                caught.add(hunt.get());
            } catch (final ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return caught;
    }

    private static Catch hunt(
            final PlantedBug bug, final Path root, final long firstSeed, final int maxSeeds)
            throws IOException, ReflectiveOperationException {
        final long startNs = cpuNs();
        final Mutant mutant = Mutant.of(bug, root);
        String violation = null;
        int seeds = 0;
        while (violation == null && seeds < maxSeeds && cpuNs() - startNs < LIMIT_NS) {
            violation = mutant.run(firstSeed + seeds);
            seeds++;
        }
        final Catch found = new Catch(bug, violation, seeds, (cpuNs() - startNs) / 1e9);
        System.out.println(found);
        return found;
    }

    /** Of this thread: a machine that others use too makes no bug harder to find. */
    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** {@code ./ringledger simulate --planted-bugs [first seed [name]]}. */
    public static void main(final String[] arguments) throws InterruptedException {
        final long firstSeed = arguments.length > 0
                ? Long.parseLong(arguments[0])
                : ThreadLocalRandom.current().nextInt(1 << 30);
        final String wanted = arguments.length > 1 ? arguments[1] : "";
        System.out.printf("planted bugs, seeds from %d%n", firstSeed);
        final List<Catch> caught = hunt(
                PlantedBugs.ALL.stream()
                        .filter(bug -> bug.name().contains(wanted))
                        .toList(),
                Path.of(System.getProperty("ringledger.root", ".")),
                firstSeed,
                20_000,
                Runtime.getRuntime().availableProcessors());
        final long found =
                caught.stream().filter(each -> each.violation() != null).count();
        System.out.printf("caught %d of %d%n", found, caught.size());
        System.exit(found == caught.size() ? 0 : 1);
    }
}
