package io.ringledger.benchmarks.write;

import io.ringledger.emulators.Processes;
import io.ringledger.emulators.Watchdog;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server under test in a JVM of its own, so that its heap, its collector and its profile are its
 * own. The ledger and its peers are started alike: the class path of this process, the same flags.
 * It cannot outlive this process. Thread-safe.
 */
public final class ServerProcess implements AutoCloseable {
    /** Of every server that is measured; the rest is what the JVM chooses. */
    static final List<String> FLAGS = List.of("-Xms1g", "-Xmx2g");

    private static final long START_LIMIT_MS = 120_000;
    private static final long STOP_LIMIT_MS = 10_000;
    private static final long POLL_MS = 20;
    private static final int CONNECT_LIMIT_MS = 1_000;
    private static final double KIB = 1_024;

    private final String name;
    private final Process process;
    private final Watchdog watchdog;
    private final InetSocketAddress address;
    private final Path log;

    private ServerProcess(final String name, final Process process, final int port, final Path log)
            throws IOException {
        this.name = name;
        this.process = process;
        this.log = log;
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        watchdog = Watchdog.start("kill -9 \"$1\"", Long.toString(process.pid()));
    }

    /**
     * Starts it; it need not listen when this returns.
     *
     * @param name of its log file
     * @param port that it has been told to listen on
     * @param arguments of its main method
     * @param environment its {@code RINGLEDGER_} variables, all of them
     * @param folder of its log file
     */
    public static ServerProcess start(
            final String name,
            final Class<?> main,
            final int port,
            final List<String> arguments,
            final Map<String, String> environment,
            final Path folder)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(program("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.startsWith("-XX:"))
                .forEach(command::add);
        command.addAll(FLAGS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        final Path log = Files.createDirectories(folder).resolve(name + ".log");
        final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("RINGLEDGER_"));
        builder.environment().putAll(environment);
        builder.environment().put("AWS_ACCESS_KEY_ID", "local");
        builder.environment().put("AWS_SECRET_ACCESS_KEY", "local");
        builder.environment().put("AWS_REGION", "us-east-1");
        return new ServerProcess(name, builder.start(), port, log);
    }

    /** A port that was free a moment ago: a server is told its port before it starts. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** Blocks until it accepts connections. */
    public void awaitPort() throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_LIMIT_MS);
        while (true) {
            requireAlive();
            try (Socket socket = new Socket()) {
                socket.connect(address, CONNECT_LIMIT_MS);
                return;
            } catch (final IOException e) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException(name + " does not listen, see " + log, e);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            }
        }
    }

    /** Refuses to go on with a process that has ended. */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(
                    name + " has ended: exitCode=" + process.exitValue() + ", see " + log);
        }
    }

    /** The processor time that it has taken, in nanoseconds; 0 where the system does not tell. */
    long cpuNs() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    /** What the system has given it of real memory; Linux alone tells. */
    double residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToDouble(line -> Double.parseDouble(line.substring("VmRSS:".length())
                                .replace("kB", "")
                                .strip()))
                        .findFirst()
                        .orElseThrow(() -> new IOException("no VmRSS: pid=" + process.pid()))
                * KIB;
    }

    /**
     * Asks its JVM something.
     *
     * @param command as {@code jcmd} has it
     * @return what it says
     */
    String ask(final String... command) throws IOException, InterruptedException {
        final List<String> all =
                new ArrayList<>(List.of(program("jcmd"), Long.toString(process.pid())));
        all.addAll(List.of(command));
        final Process asking = new ProcessBuilder(all).redirectErrorStream(true).start();
        final String text =
                new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (asking.waitFor() != 0) {
            throw new IOException(name + " does not answer " + List.of(command) + ": " + text);
        }
        return text;
    }

    /** Holds it and what it has started, so that nothing of it takes the processor. */
    public void pause() {
        Processes.signal(process.toHandle(), "STOP");
        process.toHandle().children().forEach(child -> Processes.signal(child, "STOP"));
    }

    /** Lets them go on. */
    public void resume() {
        process.toHandle().children().forEach(child -> Processes.signal(child, "CONT"));
        Processes.signal(process.toHandle(), "CONT");
    }

    private static String program(final String file) {
        return Path.of(System.getProperty("java.home"), "bin", file).toString();
    }

    /** Asks it to end, and ends it if it does not. */
    @Override
    public void close() {
        process.destroy();
        Processes.awaitOrKill(process, STOP_LIMIT_MS);
        watchdog.close();
    }
}
