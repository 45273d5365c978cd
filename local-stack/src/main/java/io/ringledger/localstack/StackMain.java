package io.ringledger.localstack;

import io.ringledger.consumer.ConsumerContext;
import io.ringledger.kit.Setting;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.readmodel.ReadModelService;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code ./ringledger up}: runs a local stack until a signal ends it. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Runs the whole of Ringledger on this machine until Ctrl-C or SIGTERM: HTTP, ring"
                        + " buffer, Kinesis, KCL, Postgres. Prints 'ready URL' once a first write"
                        + " could be read back. Keeps nothing once stopped.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "1:the stack could not be started, or has stopped on a contradiction",
            "2:the arguments are wrong",
            "130:stopped by Ctrl-C",
            "143:stopped by SIGTERM"
        })
public final class StackMain implements Callable<Integer> {
    /** Ten seconds are promised; what does not end by itself is ended. */
    private static final long HALT_AFTER_MS = 9_500;

    @Option(
            names = "--port",
            defaultValue = "8080",
            description = "public port on 127.0.0.1, 0: any free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--partitions",
            defaultValue = "2",
            description = "partitions of the ledger, 1 to 64 (default: ${DEFAULT-VALUE})")
    private int partitions;

    @Option(
            names = "--separate-processes",
            description = "run the three services as three processes, as on AWS; one that is killed"
                    + " is started again after some seconds")
    private boolean isSeparate;

    @Option(
            names = "--fault-proxies",
            description =
                    "put a proxy that causes faults in front of Kinesis and of DynamoDB; prints"
                            + " the addresses that its faults are scripted at (docs/operating/faults.md)")
    private boolean hasFaultProxies;

    @Option(
            names = "--tokens",
            description =
                    "ask everybody for a token, as services that others can reach do; ./ringledger"
                            + " token makes one")
    private boolean asksForTokens;

    private StackMain() {}

    /** Runs until a signal. */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new StackMain()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        final Progress progress = new Progress(System.out);
        final StackOptions options;
        try {
            options = new StackOptions(
                    port, partitions, isSeparate, hasFaultProxies, Map.of(), Map.of());
        } catch (final IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        final IOException refusal = tryPort(port);
        if (refusal != null) {
            System.err.println("cannot start: port " + port + " of 127.0.0.1 cannot be had ("
                    + refusal.getMessage() + "); choose another with --port, or --port 0 for any"
                    + " free one");
            return CommandLine.ExitCode.SOFTWARE;
        }
        final List<String> unread = settingsInEnvironment();
        if (!unread.isEmpty()) {
            progress.say("not read, a stack has settings of its own: " + String.join(", ", unread));
        }
        final CountDownLatch ended = new CountDownLatch(1);
        final LocalStack stack;
        try {
            final LocalIssuer issuer =
                    asksForTokens ? LocalIssuer.in(LocalIssuer.usualFolder()) : null;
            stack = LocalStack.start(options, issuer, progress, cause -> {
                System.err.println("stopped rather than answer: " + cause);
                ended.countDown();
            });
        } catch (final Exception e) {
            System.err.println("cannot start: " + e.getMessage());
            System.err.println("the log says more: " + LocalStack.logs());
            return CommandLine.ExitCode.SOFTWARE;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stack, progress), "stop"));
        final Path environment = writeEnvironment(stack);
        progress.say("to check log and views: ./ringledger verify --env-file " + environment
                + " --views");
        progress.say(
                asksForTokens
                        ? "asks for a token, Authorization: Bearer …: ./ringledger token makes one"
                        : "asks nobody for a token: who reaches this port on loopback may do"
                                + " everything");
        progress.say("nothing is kept once this has stopped; Ctrl-C stops it");
        System.out.println("ready " + stack.url());
        System.out.flush();
        ended.await();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** What somebody set for a service, and expects to be read. */
    private static List<String> settingsInEnvironment() {
        return Stream.of(
                        LedgerProcess.declarations(),
                        ReadModelService.declarations(),
                        ConsumerContext.SETTINGS)
                .flatMap(List::stream)
                .map(Setting::name)
                .filter(System.getenv()::containsKey)
                .distinct()
                .sorted()
                .toList();
    }

    /** Why the port cannot be had, or null; asked first, because it is opened last. */
    private static @Nullable IOException tryPort(final int port) {
        try (ServerSocketChannel probe = ServerSocketChannel.open()) {
            // As the server does: what is left of closed connections is no obstacle.
            probe.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return null;
        } catch (final IOException e) {
            return e;
        }
    }

    /** A file by which other commands find this stack; it goes with the process. */
    private static Path writeEnvironment(final LocalStack stack) throws IOException {
        Files.createDirectories(LocalStack.logs());
        final Path file = LocalStack.logs().resolve("up-" + stack.url().getPort() + ".env");
        final List<String> lines = new ArrayList<>();
        stack.environment().forEach((name, value) -> lines.add(name + "=" + value));
        Files.write(file, lines);
        file.toFile().deleteOnExit();
        return file;
    }

    private static void stop(final LocalStack stack, final Progress progress) {
        progress.say("stopping");
        final Thread watch = Thread.ofPlatform().daemon().start(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(HALT_AFTER_MS);
                System.err.println("not stopped within " + HALT_AFTER_MS + " ms: halted");
                Runtime.getRuntime().halt(1);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stack.close();
        watch.interrupt();
        progress.say("stopped");
    }
}
