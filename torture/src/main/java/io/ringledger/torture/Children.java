package io.ringledger.torture;

import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.ServiceCommand;
import io.ringledger.localstack.StackOptions;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The services of a campaign. {@link #close} blocks; the rest is thread-safe. */
final class Children implements AutoCloseable {
    /** A start costs most of what a kill costs: what makes it cheap counts, not peak speed. */
    static final List<String> JVM = List.of(
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-XX:-UsePerfData");

    /** A process that is younger may not serve yet. */
    static final long GROWN_UP_MS = 4_000;

    private static final String SNAPSHOTS = "snapshots";

    /** Below the ports that clients get: one that is restarted must find its own free. */
    private static final int FIRST_PORT = 12_000;

    private static final int PORTS = 8_000;

    private final List<Child> all;

    private Children(final List<Child> all) {
        this.all = List.copyOf(all);
    }

    static Children start(
            final Ground ground,
            final TortureOptions options,
            final Path logs,
            final FailpointDeck deck,
            final Tally tally,
            final Child.Parent parent)
            throws IOException {
        final Path snapshots = logs.resolve(SNAPSHOTS).toAbsolutePath().normalize();
        final StackOptions stack = options.stack(snapshots);
        final Set<Integer> ports = new HashSet<>();
        final List<Child> children = new ArrayList<>();
        try {
            for (int i = 0; i < options.ledgers(); i++) {
                final int port = freePort(ports);
                final Map<String, String> environment =
                        new HashMap<>(Environments.ledger(ground, stack, port));
                environment.put("RINGLEDGER_ADVERTISED_ADDRESS", "127.0.0.1:" + port);
                children.add(child(Role.LEDGER, i, port, environment, logs, deck, tally, parent));
            }
            for (int i = 0; i < options.consumers(); i++) {
                final int port = freePort(ports);
                final Map<String, String> environment =
                        new HashMap<>(Environments.consumer(ground, stack, port));
                environment.putAll(options.consumerSettings(snapshots));
                children.add(child(Role.CONSUMER, i, port, environment, logs, deck, tally, parent));
            }
            final int port = freePort(ports);
            children.add(child(
                    Role.READ_MODEL,
                    0,
                    port,
                    Environments.readModel(ground, port),
                    logs,
                    deck,
                    tally,
                    parent));
            return new Children(children);
        } catch (final IOException | RuntimeException e) {
            children.forEach(Child::close);
            throw e;
        }
    }

    private static Child child(
            final Role role,
            final int index,
            final int port,
            final Map<String, String> environment,
            final Path logs,
            final FailpointDeck deck,
            final Tally tally,
            final Child.Parent parent)
            throws IOException {
        final String name = role.module() + "-" + index;
        return new Child(
                role,
                name,
                port,
                ServiceCommand.of(role.module(), role.mainClass(), JVM),
                environment,
                logs.resolve(name + ".log"),
                deck,
                tally,
                parent);
    }

    /** A port that is free now, and not among those taken. */
    static int freePort(final Set<Integer> taken) throws IOException {
        final Random random = new Random();
        for (int i = 0; i < 100; i++) {
            final int port = FIRST_PORT + random.nextInt(PORTS);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                if (taken.add(port)) {
                    return port;
                }
            } catch (final IOException e) {
                // Taken: try another one.
            }
        }
        throw new IOException("found no free port from " + FIRST_PORT);
    }

    List<Child> all() {
        return all;
    }

    List<Child> of(final Role role) {
        return all.stream().filter(child -> child.role() == role).toList();
    }

    /** Another process of the same kind is away as well, or has just come back. */
    boolean isDisturbed(final Child victim) {
        return of(victim.role()).stream()
                .anyMatch(child -> child != victim && child.ageMs() < GROWN_UP_MS);
    }

    /** Another one can do the work meanwhile, and is not about to be killed. */
    boolean hasDeputy(final Child victim) {
        return of(victim.role()).stream()
                .anyMatch(child ->
                        child != victim && !child.isArmed() && child.ageMs() >= GROWN_UP_MS);
    }

    List<URI> urls(final Role role) {
        return of(role).stream()
                .map(child -> URI.create("http://127.0.0.1:" + child.port()))
                .toList();
    }

    /** Side by side: a stop must be over in seconds. */
    @Override
    public void close() {
        final List<Thread> stops = all.stream()
                .map(child -> Thread.ofPlatform().start(child::close))
                .toList();
        for (final Thread stop : stops) {
            try {
                stop.join();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
