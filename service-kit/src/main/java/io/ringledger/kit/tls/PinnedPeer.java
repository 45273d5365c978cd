package io.ringledger.kit.tls;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.TrustOptions;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server that has one certificate, and no other, whoever may vouch for it and whatever name
 * it has: the certificate was named by who may say so. Thread-safe.
 */
public final class PinnedPeer extends X509ExtendedTrustManager {
    private final Fingerprint expected;

    private PinnedPeer(final Fingerprint expected) {
        this.expected = expected;
    }

    /**
     * For a client of Vert.x. Connections are shared by requests that have the same object: keep it.
     */
    public static ClientSSLOptions clientOptions(final Fingerprint expected) {
        final ClientSSLOptions options = new ClientSSLOptions()
                .setTrustOptions(TrustOptions.wrap(new PinnedPeer(expected)))
                .setHostnameVerificationAlgorithm("");
        TlsProfile.applyTo(options);
        return options;
    }

    private void require(final X509Certificate... chain) throws CertificateException {
        if (chain.length == 0 || !Fingerprint.of(chain[0]).equals(expected)) {
            throw new CertificateException("another certificate than that which was announced");
        }
    }

    @Override
    public void checkServerTrusted(final X509Certificate[] chain, final String authType)
            throws CertificateException {
        require(chain);
    }

    @Override
    public void checkServerTrusted(
            final X509Certificate[] chain, final String authType, final Socket socket)
            throws CertificateException {
        require(chain);
    }

    @Override
    public void checkServerTrusted(
            final X509Certificate[] chain, final String authType, final SSLEngine engine)
            throws CertificateException {
        require(chain);
    }

    @Override
    public void checkClientTrusted(final X509Certificate[] chain, final String authType)
            throws CertificateException {
        throw new CertificateException("for servers only");
    }

    @Override
    public void checkClientTrusted(
            final X509Certificate[] chain, final String authType, final Socket socket)
            throws CertificateException {
        throw new CertificateException("for servers only");
    }

    @Override
    public void checkClientTrusted(
            final X509Certificate[] chain, final String authType, final SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("for servers only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
