package io.ringledger.torture;

import io.ringledger.kit.Lifecycle;
import io.ringledger.localstack.Gateway;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.List;

/** One address for all processes, as a load balancer gives it. {@link #close} blocks. */
final class PublicPort implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long LIMIT_MS = 10_000;

    private final Vertx vertx = Vertx.vertx();
    private @Nullable HttpServer server;

    private PublicPort() {}

    static PublicPort start(final Children children) throws Exception {
        final PublicPort port = new PublicPort();
        final List<Integer> ledgers =
                children.of(Role.LEDGER).stream().map(Child::port).toList();
        final int readModel = children.of(Role.READ_MODEL).getFirst().port();
        try {
            port.server = Lifecycle.await(
                    port.vertx
                            .createHttpServer(new HttpServerOptions()
                                    .setHost(LOOPBACK)
                                    .setPort(0)
                                    .setHttp2ClearTextEnabled(false))
                            .requestHandler(Gateway.create(port.vertx, ledgers, readModel))
                            .listen(),
                    LIMIT_MS);
            return port;
        } catch (final Exception e) {
            port.close();
            throw e;
        }
    }

    URI url() {
        final HttpServer listening = server;
        if (listening == null) {
            throw new IllegalStateException("not started");
        }
        return URI.create("http://" + LOOPBACK + ":" + listening.actualPort());
    }

    @Override
    public void close() {
        try {
            Lifecycle.await(vertx.close(), LIMIT_MS);
        } catch (final Exception e) {
            throw new IllegalStateException("public port did not stop: " + e.getMessage(), e);
        }
    }
}
