package io.ringledger.localstack;

import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Scope;
import io.ringledger.localstack.faults.FaultProxies;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The whole of Ringledger on this machine: emulators, services, one public port. It is there as
 * soon as a first write can be read back, and leaves nothing behind. {@link #start} and {@link
 * #close} block; the rest is thread-safe.
 */
public final class LocalStack implements AutoCloseable {
    private static final long STOP_LIMIT_MS = 9_000;
    private static final Duration FIRST_WRITE_VALID = Duration.ofMinutes(5);

    private final Lifecycle lifecycle;
    private final Ground ground;
    private final StackOptions options;
    private final Services services;

    private LocalStack(
            final Lifecycle lifecycle,
            final Ground ground,
            final StackOptions options,
            final Services services) {
        this.lifecycle = lifecycle;
        this.ground = ground;
        this.options = options;
        this.services = services;
    }

    /** Starts everything; nobody is asked for a token. */
    public static LocalStack start(
            final StackOptions options, final Progress progress, final Consumer<Throwable> onFatal)
            throws Exception {
        return start(options, null, progress, onFatal);
    }

    /**
     * Starts everything.
     *
     * @param issuer of the tokens that the services ask for; null: they ask for none
     * @param onFatal told if a service stops rather than contradict itself
     * @throws Exception if a part cannot be started; the message names it, and nothing is left
     */
    public static LocalStack start(
            final StackOptions asked,
            final @Nullable LocalIssuer issuer,
            final Progress progress,
            final Consumer<Throwable> onFatal)
            throws Exception {
        final StackOptions options = issuer == null ? asked : asked.asking(issuer);
        // The SDK clients of the services look for credentials as they do on AWS.
        System.setProperty("aws.accessKeyId", "local");
        System.setProperty("aws.secretAccessKey", "local");
        System.setProperty("aws.region", "us-east-1");
        final Lifecycle lifecycle = new Lifecycle("local-stack", STOP_LIMIT_MS);
        try {
            final Ground ground =
                    lifecycle.start("emulators", () -> Ground.start(options, progress));
            final Services services = options.isSeparate()
                    ? SeparateServices.start(ground, options, lifecycle, progress, logs())
                    : InProcessServices.start(ground, options, lifecycle, progress, onFatal);
            final LocalStack stack = new LocalStack(lifecycle, ground, options, services);
            progress.step(
                    "first write read back", () -> FirstWrite.await(stack.url(), headers(issuer)));
            return stack;
        } catch (final Exception e) {
            lifecycle.stop();
            throw e;
        }
    }

    private static Map<String, String> headers(final @Nullable LocalIssuer issuer) {
        return issuer == null
                ? Map.of()
                : Map.of(
                        "Authorization",
                        "Bearer "
                                + issuer.token(
                                        "local-stack",
                                        FirstWrite.ACCOUNT,
                                        Set.of(Scope.READ, Scope.WRITE),
                                        Instant.now().plus(FIRST_WRITE_VALID)));
    }

    /**
     * Folder of the logs of every stack on this machine, unless the property {@code ringledger.logs}
     * names another: tests that run at the same time must not write into one file.
     */
    public static Path logs() {
        final String folder = System.getProperty("ringledger.logs");
        return folder == null
                ? Path.of(
                        System.getProperty("ringledger.root", "."), "local-stack", "target", "logs")
                : Path.of(folder);
    }

    /** What {@code verify}, or one more service, must find in its environment to work on this stack. */
    public Map<String, String> environment() {
        return Environments.outside(ground, options);
    }

    /** The public address. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + services.port());
    }

    /** The Kinesis emulator, to be paused in a rehearsal. */
    public KinesisLocal kinesis() {
        return ground.kinesis();
    }

    /** The proxies that cause faults, if the stack was started with them. */
    public Optional<FaultProxies> faultProxies() {
        return ground.faults();
    }

    /** The database, to be stopped in a rehearsal. */
    public PostgresLocal postgres() {
        return ground.postgres();
    }

    /** The services that run in processes of their own, to be killed in a rehearsal. */
    public List<ServiceProcess> processes() {
        return services.processes();
    }

    @Override
    public void close() {
        lifecycle.stop();
    }
}
