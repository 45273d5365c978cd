package io.ringledger.kit.tls;

import io.vertx.core.net.SSLOptions;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What is spoken, by servers and between processes: TLS 1.3, and 1.2 with forward secrecy and an
 * authenticated cipher (the intermediate set of Mozilla's server-side recommendations, without the
 * Diffie-Hellman of finite fields). Stateless.
 */
final class TlsProfile {
    static final Set<String> PROTOCOLS = new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2"));

    static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** How long a client may take for its part of the greeting. */
    static final long HANDSHAKE_LIMIT_MS = 5_000;

    private TlsProfile() {}

    static void applyTo(final SSLOptions options) {
        options.setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(HANDSHAKE_LIMIT_MS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setUseAlpn(false);
        CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
    }
}
