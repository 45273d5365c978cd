package io.ringledger.benchmarks.write;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * Where a process spends its processor time, by the samples of a Flight Recording: by thread, by the
 * package that is at work or calls the JDK, and by method. On Linux samples are taken by processor
 * time and system calls are in them, otherwise those of Java code alone. Not thread-safe.
 */
final class Profile {
    private static final String NAME = "bench";
    private static final String BY_CPU_TIME = "jdk.CPUTimeSample";
    private static final String BY_TIME = "jdk.ExecutionSample";
    private static final int MOST = 10;

    private final Map<String, Integer> threads = new HashMap<>();
    private final Map<String, Integer> packages = new HashMap<>();
    private final Map<String, Integer> methods = new HashMap<>();
    private int samples;

    private Profile() {}

    /**
     * Records while something runs.
     *
     * @param file of the recording, which stays
     */
    static Profile record(final ServerProcess process, final Path file, final Callable<?> run)
            throws Exception {
        process.ask(
                "JFR.start",
                "name=" + NAME,
                "settings=profile",
                BY_CPU_TIME + "#enabled=true",
                BY_CPU_TIME + "#throttle=10ms");
        run.call();
        process.ask("JFR.stop", "name=" + NAME, "filename=" + file.toAbsolutePath());
        return read(file);
    }

    private static Profile read(final Path file) throws IOException {
        final List<RecordedEvent> all = RecordingFile.readAllEvents(file);
        final boolean hasCpuTime =
                all.stream().anyMatch(event -> event.getEventType().getName().equals(BY_CPU_TIME));
        final Profile profile = new Profile();
        for (final RecordedEvent event : all) {
            if (event.getEventType().getName().equals(hasCpuTime ? BY_CPU_TIME : BY_TIME)
                    && event.getStackTrace() != null
                    && !event.getStackTrace().getFrames().isEmpty()) {
                final @Nullable RecordedThread thread =
                        event.getThread(hasCpuTime ? "eventThread" : "sampledThread");
                profile.add(
                        thread == null ? "unknown" : String.valueOf(thread.getJavaName()),
                        event.getStackTrace().getFrames().stream()
                                .map(RecordedFrame::getMethod)
                                .map(Profile::name)
                                .toList());
            }
        }
        return profile;
    }

    private static String name(final RecordedMethod method) {
        return method.getType().getName() + "." + method.getName();
    }

    /**
     * One sample.
     *
     * @param frames full names of methods, the innermost first
     */
    void add(final String thread, final List<String> frames) {
        samples++;
        threads.merge(thread.replaceAll("[0-9]+", "N"), 1, Integer::sum);
        methods.merge(frames.getFirst(), 1, Integer::sum);
        packages.merge(
                frames.stream()
                        .filter(frame -> !frame.startsWith("java.")
                                && !frame.startsWith("jdk.")
                                && !frame.startsWith("sun."))
                        .findFirst()
                        .map(Profile::packageOf)
                        .orElse("the JDK alone"),
                1,
                Integer::sum);
    }

    static Profile empty() {
        return new Profile();
    }

    private static String packageOf(final String method) {
        final int classEnd = method.lastIndexOf('.');
        return method.substring(0, method.lastIndexOf('.', classEnd - 1));
    }

    /** The most of each kind, with their shares; one line a kind. */
    List<String> lines() {
        return List.of(
                samples + " samples",
                "threads: " + most(threads),
                "packages at work, or calling the JDK: " + most(packages),
                "methods: " + most(methods));
    }

    private String most(final Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST)
                .map(entry -> String.format(
                        Locale.ROOT,
                        "%s %.1f %%",
                        entry.getKey(),
                        100.0 * entry.getValue() / samples))
                .collect(Collectors.joining(", "));
    }
}
