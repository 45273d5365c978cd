package io.ringledger.ledger.http;

import io.ringledger.kit.tls.Fingerprint;
import io.ringledger.kit.tls.PinnedPeer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;

import org.jspecify.annotations.Nullable;

/**
 * Where a process of the write side takes commands, as it announces it: {@code host:port} for plain
 * text, {@code https://host:port#SHA-256} for TLS with the certificate of that SHA-256 and no other.
 * A version that knows the first form alone finds no port in the second, and answers {@code no_owner}
 * without having sent anything. Immutable.
 */
public final class OwnerAddress {
    private static final String HTTPS = "https://";

    private final String host;
    private final int port;
    private final @Nullable ClientSSLOptions tls;

    private OwnerAddress(final String host, final int port, final @Nullable ClientSSLOptions tls) {
        this.host = host;
        this.port = port;
        this.tls = tls;
    }

    /** What a process with this certificate announces. */
    public static String announced(final String hostAndPort, final Fingerprint certificate) {
        return HTTPS + hostAndPort + "#" + certificate;
    }

    /**
     * Reads what a process has announced.
     *
     * @throws IllegalArgumentException if it has neither form
     */
    static OwnerAddress parse(final String announced) {
        if (!announced.startsWith(HTTPS)) {
            return of(announced, announced, null);
        }
        final int hash = announced.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException("no certificate is named: " + announced);
        }
        return of(
                announced,
                announced.substring(HTTPS.length(), hash),
                PinnedPeer.clientOptions(new Fingerprint(announced.substring(hash + 1))));
    }

    private static OwnerAddress of(
            final String announced,
            final String hostAndPort,
            final @Nullable ClientSSLOptions tls) {
        final int colon = hostAndPort.lastIndexOf(':');
        try {
            return new OwnerAddress(
                    hostAndPort.substring(0, Math.max(0, colon)),
                    Integer.parseInt(hostAndPort.substring(colon + 1)),
                    tls);
        } catch (final NumberFormatException e) {
            throw new IllegalArgumentException("not an address: " + announced, e);
        }
    }

    /** Lets a request go there. */
    RequestOptions applyTo(final RequestOptions request) {
        request.setHost(host).setPort(port).setSsl(tls != null);
        return tls == null ? request : request.setSslOptions(tls);
    }
}
