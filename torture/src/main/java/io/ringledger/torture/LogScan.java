package io.ringledger.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks for what a service only ever logs when it has met a contradiction: being killed and cut off
 * is no reason for one. Stateless.
 */
final class LogScan {
    static final String CONTRADICTIONS = "contradictions in the services' logs";

    private static final List<String> SIGNS = List.of(
            "InvariantViolation",
            "FrameException",
            "ContradictionException",
            "HaltException",
            "stopped rather than answer",
            "OutOfMemoryError",
            "two writer threads",
            "two appends in flight",
            "frame given back twice",
            "projector halted");

    private LogScan() {}

    static void scan(final List<Path> logs, final Findings findings) throws IOException {
        long lines = 0;
        for (final Path log : logs) {
            // What a process was writing when it was killed may be no text.
            try (BufferedReader reader =
                    Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines++;
                    final String text = line;
                    if (SIGNS.stream().anyMatch(text::contains)) {
                        findings.add(CONTRADICTIONS, log.getFileName() + ": " + text);
                    }
                }
            }
        }
        findings.checked(CONTRADICTIONS, lines);
    }
}
