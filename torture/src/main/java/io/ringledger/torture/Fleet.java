package io.ringledger.torture;

import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.ServiceCommand;
import io.ringledger.localstack.StackOptions;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The processes of all services, and the two load balancers in front of them. Used by one thread;
 * the targets are thread-safe. {@link #close} may come from another thread, and blocks.
 */
final class Fleet implements AutoCloseable {
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);

    private final Ground ground;
    private final StackOptions options;
    private final Path folder;
    private final Set<Integer> ports = new HashSet<>();
    private final Map<Role, Integer> started = new HashMap<>();
    private final Map<String, String> consumerSettings = new HashMap<>();
    private final List<Path> logs = new ArrayList<>();
    private final List<Instance.Stopped> stopped = new ArrayList<>();
    private final Targets ledgers = new Targets(List.of());
    private final Targets readModels = new Targets(List.of());
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LOOK_TIMEOUT)
            .build();

    // Guarded by itself.
    private final List<Instance> running = new ArrayList<>();

    Fleet(final Ground ground, final StackOptions options, final Path folder) {
        this.ground = ground;
        this.options = options;
        this.folder = folder;
    }

    /** Starts one more process; no request goes to it until it is registered. */
    Instance start(final Role role) throws IOException {
        return start(role, Map.of());
    }

    /** The same with settings of its own. */
    Instance start(final Role role, final Map<String, String> settings) throws IOException {
        final int port = Children.freePort(ports);
        final Map<String, String> environment = new HashMap<>(environment(role, port));
        environment.putAll(settings);
        final String name = role.module() + "-" + started.merge(role, 1, Integer::sum);
        final Instance instance = Instance.start(
                role,
                name,
                port,
                ServiceCommand.of(role.module(), role.mainClass(), Children.JVM),
                environment,
                folder);
        logs.add(instance.log());
        synchronized (running) {
            running.add(instance);
        }
        return instance;
    }

    private Map<String, String> environment(final Role role, final int port) {
        return switch (role) {
            case LEDGER -> {
                final Map<String, String> ledger =
                        new HashMap<>(Environments.ledger(ground, options, port));
                ledger.put("RINGLEDGER_ADVERTISED_ADDRESS", "127.0.0.1:" + port);
                yield ledger;
            }
            case CONSUMER -> {
                final Map<String, String> consumer =
                        new HashMap<>(Environments.consumer(ground, options, port));
                consumer.putAll(consumerSettings);
                yield consumer;
            }
            case READ_MODEL -> Environments.readModel(ground, port);
        };
    }

    /** A setting of every consumer that is started from now on. */
    void setForConsumers(final String name, final String value) {
        consumerSettings.put(name, value);
    }

    /** What consumers that start now have for a setting. */
    String consumerSetting(final String name, final String otherwise) {
        return consumerSettings.getOrDefault(name, otherwise);
    }

    /** From now on it gets requests, if it is of a kind that does. */
    void register(final Instance instance) {
        if (instance.role() != Role.CONSUMER) {
            targets(instance.role()).register(instance.url());
        }
    }

    /** Takes it from the load balancer, waits for its requests, asks it to stop, and waits for that. */
    void retire(final Instance instance) throws InterruptedException {
        if (instance.role() != Role.CONSUMER) {
            final Targets targets = targets(instance.role());
            targets.deregister(instance.url());
            Waits.until(
                    "no request is on its way to " + instance.name(),
                    () -> targets.isIdle(instance.url()));
        }
        stop(instance);
    }

    /** Asks it to stop, and waits for that. */
    void stop(final Instance instance) throws InterruptedException {
        stopped.add(instance.stop());
        synchronized (running) {
            running.remove(instance);
        }
    }

    Targets targets(final Role role) {
        return role == Role.LEDGER ? ledgers : readModels;
    }

    List<Instance> of(final Role role) {
        synchronized (running) {
            return running.stream().filter(instance -> instance.role() == role).toList();
        }
    }

    /** Those that were asked to stop so far. */
    List<Instance.Stopped> stopped() {
        return List.copyOf(stopped);
    }

    /** Processes that have ended without being asked. */
    List<String> lost() {
        synchronized (running) {
            return running.stream()
                    .filter(instance -> !instance.isAlive())
                    .map(Instance::name)
                    .toList();
        }
    }

    /** Logs of all that were ever started. */
    List<Path> logs() {
        return List.copyOf(logs);
    }

    /** Waits until it is ready by its own word. */
    void awaitReady(final Instance instance) throws InterruptedException {
        Waits.until(instance.name() + " is ready, see " + instance.log(), () -> {
            requireAlive();
            return isReady(instance);
        });
    }

    boolean isReady(final Instance instance) throws InterruptedException {
        return get(instance, "/health/ready").startsWith("200 ");
    }

    /** The sum of a meter over all processes of a kind; those that do not answer add nothing. */
    double sum(final Role role, final String meter) throws InterruptedException {
        double sum = 0;
        for (final Instance instance : of(role)) {
            sum += meter(instance, meter);
        }
        return sum;
    }

    /** The sum of a meter of one process over its tags. */
    double meter(final Instance instance, final String meter) throws InterruptedException {
        return get(instance, "/metrics")
                .lines()
                .filter(line -> line.startsWith(meter + "{") || line.startsWith(meter + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Says which process has ended that nobody has stopped. */
    void requireAlive() {
        final List<String> lost = lost();
        if (!lost.isEmpty()) {
            throw new IllegalStateException(
                    "ended by themselves: " + lost + ", their logs are in " + folder);
        }
    }

    /** Status and body; the empty text if there is no answer. */
    private String get(final Instance instance, final String path) throws InterruptedException {
        final URI uri = instance.url().resolve(path);
        try {
            final HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(uri).timeout(LOOK_TIMEOUT).build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (final IOException e) {
            // It is starting, or stopping.
            return "";
        }
    }

    /** Side by side: a stop must be over in seconds. */
    @Override
    public void close() {
        final List<Thread> stops = new ArrayList<>();
        synchronized (running) {
            for (final Instance instance : running) {
                stops.add(Thread.ofPlatform().start(instance::close));
            }
        }
        for (final Thread stop : stops) {
            try {
                stop.join();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        http.shutdownNow();
    }
}
