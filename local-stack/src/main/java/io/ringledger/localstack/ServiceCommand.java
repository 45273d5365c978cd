package io.ringledger.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a service is started in a JVM of its own, as it would be on AWS: a class path, a main class,
 * an environment. Immutable and thread-safe.
 */
public final class ServiceCommand {
    private final List<String> command;

    private ServiceCommand(final List<String> command) {
        this.command = command;
    }

    /**
     * The command of a service.
     *
     * @param module the folder of its module, where the build has left the class path
     * @param options of the JVM, besides those that every JVM of the project has
     * @throws IOException if it has not been built
     */
    public static ServiceCommand of(
            final String module, final String mainClass, final List<String> options)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JvmFlags.FLAGS);
        command.addAll(options);
        command.add("-cp");
        command.add(classPath(module));
        command.add(mainClass);
        return new ServiceCommand(List.copyOf(command));
    }

    /**
     * Starts a process.
     *
     * @param environment its {@code RINGLEDGER_} variables, all of them
     * @param log file that its output is added to
     */
    public Process start(final Map<String, String> environment, final Path log) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("RINGLEDGER_"));
        builder.environment().putAll(environment);
        builder.environment().put("AWS_ACCESS_KEY_ID", "local");
        builder.environment().put("AWS_SECRET_ACCESS_KEY", "local");
        builder.environment().put("AWS_REGION", "us-east-1");
        return builder.start();
    }

    private static String classPath(final String module) throws IOException {
        final Path target = Path.of(System.getProperty("ringledger.root", "."), module, "target");
        final Path list = target.resolve("classpath.txt");
        if (!Files.exists(list)) {
            throw new IOException("no " + list + ": build first, with ./ringledger build");
        }
        return target.resolve("classes") + ":" + Files.readString(list).strip();
    }
}
