package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README's walk gives what the README says, line by line. */
final class WalkTest {
    private static final Pattern TRANSACTION_ID =
            Pattern.compile("\"transactionId\":\"([0-9]+-[0-9]+)\"");

    @Test
    void shouldGiveWhatTheReadmeSays() throws Exception {
        final List<String> lines = consoleLines();
        assertThat(lines).hasSizeGreaterThan(10);
        try (LocalStack stack = Stacks.start(StackOptions.inOneProcess(2))) {
            String last = "";
            String answer = "";
            for (final String line : lines) {
                if (line.startsWith("$ ")) {
                    answer = run(line.substring(2)
                            .replace("http://127.0.0.1:8080", stack.url().toString())
                            .replace("<last>", last));
                    final Matcher id = TRANSACTION_ID.matcher(answer);
                    last = id.find() ? id.group(1) : last;
                } else {
                    assertThat(answer).matches(pattern(line));
                }
            }
        }
    }

    private static List<String> consoleLines() throws Exception {
        final List<String> lines = new ArrayList<>();
        boolean isConsole = false;
        for (final String line : Files.readAllLines(Stacks.root().resolve("README.md"))) {
            if (line.startsWith("```")) {
                isConsole = line.equals("```console");
            } else if (isConsole) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static String pattern(final String line) {
        return Pattern.quote(line)
                .replace("<position>", "\\E[0-9]+-[0-9]+\\Q")
                .replace("<time>", "\\E[0-9-]+T[0-9:]+\\.[0-9]{3}Z\\Q")
                .replace("<text>", "\\E[^\"]+\\Q");
    }

    private static String run(final String command) throws Exception {
        final Process process = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
        final String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(command + ": " + output).isZero();
        return output.strip();
    }
}
