package io.ringledger.benchmarks.pipeline;

import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The local stack in a process of its own, as {@code ./ringledger up} runs it, which leaves where its
 * database is for the process that measures. It ends by a signal.
 */
public final class StackProcess {
    static final int PARTITIONS = 2;

    /** The system property by which the emulators are found. */
    static final String ROOT = "ringledger.root";

    // So that a stack that rests for some seconds keeps its leases.
    private static final Map<String, String> LEDGER = Map.of("RINGLEDGER_LEASE_MS", "60000");
    private static final Map<String, String> CONSUMER =
            Map.of("RINGLEDGER_PROJECTOR_FAILOVER_MS", "20000");

    private StackProcess() {}

    /** Takes the public port, the file that is there once the stack answers, the repository. */
    public static void main(final String[] arguments) throws Exception {
        System.setProperty(ROOT, arguments[2]);
        final CountDownLatch ended = new CountDownLatch(1);
        final LocalStack stack = LocalStack.start(
                new StackOptions(
                        Integer.parseInt(arguments[0]), PARTITIONS, false, false, LEDGER, CONSUMER),
                new Progress(System.out),
                cause -> {
                    System.err.println("stopped rather than answer: " + cause);
                    ended.countDown();
                });
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop"));
        write(Path.of(arguments[1]), stack.postgres().jdbcUrl());
        ended.await();
        System.exit(1);
    }

    private static void write(final Path file, final String text) throws Exception {
        final Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
