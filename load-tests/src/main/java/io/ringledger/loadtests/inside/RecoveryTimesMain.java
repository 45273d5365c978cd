package io.ringledger.loadtests.inside;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** {@code ./ringledger recovery-times}: how long a new owner takes until it may serve. */
@Command(
        name = "./ringledger recovery-times",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Measures how long a new owner takes to recover a partition, by length of the log and"
                        + " number of accounts, with and without a snapshot, and prints a table. Takes"
                        + " some minutes, and wants the machine for itself.")
public final class RecoveryTimesMain implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "ROUNDS",
            arity = "0..1",
            defaultValue = "5",
            description = "whose median is the figure (default: ${DEFAULT-VALUE})")
    private int rounds;

    private RecoveryTimesMain() {}

    /** Ends with 0, or with 2 if the argument is wrong. */
    public static void main(final String[] args) {
        System.exit(run(args));
    }

    /** The same, without ending the process: the exit code. */
    static int run(final String... args) {
        return new CommandLine(new RecoveryTimesMain()).execute(args);
    }

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 && spec != null) {
            throw new ParameterException(spec.commandLine(), "ROUNDS must be above zero");
        }
        final Path folder = Files.createTempDirectory("recovery-times");
        try (RecoveryTimes times = new RecoveryTimes(folder, rounds)) {
            times.run();
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return CommandLine.ExitCode.OK;
    }
}
