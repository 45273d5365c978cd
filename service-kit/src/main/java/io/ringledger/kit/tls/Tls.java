package io.ringledger.kit.tls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Encryption;
import io.ringledger.kit.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The TLS of the HTTP servers of one process. Looks at the files of its certificate, and replaces it
 * in open servers when they hold another one: connections that are open go on, new ones get it. What
 * cannot be used (half written, the key of another, before its begin or past its end) is logged and
 * counted, and the certificate of before stays. Thread-safe.
 */
public final class Tls implements Encryption {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|::1|\\[::1]");
    private static final long MS_A_DAY = Duration.ofDays(1).toMillis();

    private final TlsOptions options;
    private final InstantSource clock;
    private final Counter refused;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private volatile ServerCertificate current;

    // Guarded by this, as is every change of current: what was said last about files that cannot be
    // used, to say it once; and whether servers are being given another certificate.
    private String lastRefusal = "";
    private boolean isReplacing;

    private Tls(final TlsOptions options, final MeterRegistry registry, final InstantSource clock) {
        this.options = options;
        this.clock = clock;
        current = first(options, clock.instant());
        refused = Counter.builder("ringledger.tls.certificate.refused")
                .description("files with a new certificate that could not be used")
                .register(registry);
        Gauge.builder("ringledger.tls.certificate.left", this, Tls::daysLeft)
                .description("until the certificate of the HTTP server ends")
                .baseUnit("days")
                .strongReference(true)
                .register(registry);
    }

    /**
     * By the settings of a process; null: plain text. Ends with Vert.x.
     *
     * @param host the address that the process listens on
     * @throws IllegalArgumentException if the settings contradict each other, or the files cannot be
     *     used
     */
    public static @Nullable Tls from(
            final Vertx vertx,
            final String host,
            final Settings settings,
            final MeterRegistry registry) {
        final TlsOptions options = TlsOptions.from(settings);
        if (options != null) {
            return start(vertx, options, registry, InstantSource.system());
        }
        if (!LOOPBACK.matcher(host).matches()) {
            LOG.warn(
                    "speaks plain text on {}: who is on the way reads tokens and balances, set"
                            + " RINGLEDGER_TLS",
                    host);
        }
        return null;
    }

    static Tls start(
            final Vertx vertx,
            final TlsOptions options,
            final MeterRegistry registry,
            final InstantSource clock) {
        final Tls tls = new Tls(options, registry, clock);
        LOG.info("speaks TLS: {}", tls.current);
        final Path chain = options.certificate();
        final Path key = options.key();
        if (chain != null && key != null) {
            vertx.setPeriodic(options.refreshMs(), id -> tls.lookAside(vertx, chain, key));
        }
        return tls;
    }

    private static ServerCertificate first(final TlsOptions options, final Instant now) {
        final Path chain = options.certificate();
        final Path key = options.key();
        if (chain == null || key == null) {
            return SelfSigned.make(now);
        }
        try {
            return ServerCertificate.of(Files.readAllBytes(chain), Files.readAllBytes(key));
        } catch (final IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "cannot use the certificate of " + chain + " and " + key + ": " + reason(e), e);
        }
    }

    /** What others recognise this process by, now. */
    public Fingerprint fingerprint() {
        return current.fingerprint();
    }

    @Override
    public void applyTo(final HttpServerOptions server) {
        server.setSsl(true)
                .setKeyCertOptions(current.toVertx())
                .setEnabledSecureTransportProtocols(TlsProfile.PROTOCOLS)
                .setSslHandshakeTimeout(TlsProfile.HANDSHAKE_LIMIT_MS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        TlsProfile.CIPHER_SUITES.forEach(server::addEnabledCipherSuite);
    }

    @Override
    public synchronized void keep(final HttpServer server) {
        servers.add(server);
        // It may have been replaced since the server's options were made.
        final Future<Boolean> _ = server.updateSSLOptions(serverOptions(current));
    }

    private static ServerSSLOptions serverOptions(final ServerCertificate certificate) {
        final ServerSSLOptions server =
                new ServerSSLOptions().setKeyCertOptions(certificate.toVertx());
        TlsProfile.applyTo(server);
        return server;
    }

    private void lookAside(final Vertx vertx, final Path chain, final Path key) {
        try {
            vertx.executeBlocking(
                            () -> {
                                look(chain, key);
                                return true;
                            },
                            true)
                    .onFailure(e -> LOG.error("cannot look for a new certificate", e));
        } catch (final RejectedExecutionException e) {
            LOG.debug("looks no more: the process ends");
        }
    }

    private void look(final Path chain, final Path key) {
        try {
            final byte[] chainPem = Files.readAllBytes(chain);
            final byte[] keyPem = Files.readAllBytes(key);
            if (isInUse(chainPem, keyPem)) {
                return;
            }
            final ServerCertificate found = ServerCertificate.of(chainPem, keyPem);
            final Instant now = clock.instant();
            if (!found.end().isAfter(now)) {
                throw new GeneralSecurityException("it has ended: " + found.end());
            }
            if (found.begin().isAfter(now)) {
                throw new GeneralSecurityException("it is not valid yet: " + found.begin());
            }
            replace(found);
        } catch (final IOException | GeneralSecurityException e) {
            refuse(reason(e));
        }
    }

    private synchronized boolean isInUse(final byte[] chainPem, final byte[] keyPem) {
        if (!current.isFrom(chainPem, keyPem)) {
            return false;
        }
        lastRefusal = "";
        return true;
    }

    /** It is announced only where every server has it: others talk to no other certificate. */
    private synchronized void replace(final ServerCertificate found) {
        if (isReplacing) {
            return;
        }
        isReplacing = true;
        final List<HttpServer> open = List.copyOf(servers);
        update(open, found).onComplete(updated -> replaced(found, open, updated.cause()));
    }

    private synchronized void replaced(
            final ServerCertificate found,
            final List<HttpServer> updated,
            final @Nullable Throwable cause) {
        isReplacing = false;
        if (cause != null) {
            refuse("a server does not take it: " + cause);
            update(servers, current).onFailure(Tls::sayThatServersDiffer);
            return;
        }
        current = found;
        lastRefusal = "";
        // Those that began meanwhile have the one of before.
        update(servers.stream().filter(server -> !updated.contains(server)).toList(), found)
                .onFailure(Tls::sayThatServersDiffer);
        LOG.info("has a new certificate: {}", found);
    }

    private static void sayThatServersDiffer(final Throwable cause) {
        LOG.error("a server has another certificate than the rest: restart the process", cause);
    }

    private static Future<?> update(
            final List<HttpServer> servers, final ServerCertificate certificate) {
        final ServerSSLOptions options = serverOptions(certificate);
        // A server that has ended throws instead of failing.
        return Future.join(servers.stream()
                .map(server -> Future.succeededFuture()
                        .compose(ignored -> server.updateSSLOptions(options)))
                .toList());
    }

    private synchronized void refuse(final String reason) {
        if (!reason.equals(lastRefusal)) {
            lastRefusal = reason;
            refused.increment();
            LOG.warn(
                    "cannot use the certificate in {} and {}, goes on with the one until {}: {}",
                    options.certificate(),
                    options.key(),
                    current.end(),
                    reason);
        }
    }

    private static String reason(final Exception e) {
        return e instanceof IOException
                ? "cannot be read: " + e.getMessage()
                : String.valueOf(e.getMessage());
    }

    private double daysLeft() {
        return (double) (current.end().toEpochMilli() - clock.millis()) / MS_A_DAY;
    }
}
