package io.ringledger.loadtests;

import picocli.CommandLine;

import java.io.PrintWriter;

/** Starts the replay from a command line; {@code --help} says how. */
public final class ReplayMain {
    private ReplayMain() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(final String[] args) {
        // Below the 30 s after which the service closes an idle connection. Read once by the JDK.
        System.setProperty("jdk.httpclient.keepalive.timeout", "20");
        System.exit(execute(
                new PrintWriter(System.out, true, System.out.charset()),
                new PrintWriter(System.err, true, System.err.charset()),
                args));
    }

    /** Runs the command in this process. */
    public static int execute(final PrintWriter out, final PrintWriter err, final String... args) {
        return new CommandLine(new ReplayCommand())
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((e, _, _) -> {
                    if (e instanceof ReplayCommand.FileRefusedException) {
                        err.println(e.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw e;
                })
                .execute(args);
    }
}
