package io.ringledger.kit;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Connections with TLS that take any certificate; a test looks at it by itself. */
public final class TlsClients {
    private TlsClients() {}

    /** Greeted, by the protocols of the JDK. */
    public static SSLSocket connect(final int port, final String... protocols) throws IOException {
        return connect(port, 0, protocols);
    }

    /**
     * Greeted, by these protocols.
     *
     * @param receiveBytes what the kernel keeps of unread answers; 0: as it likes
     */
    public static SSLSocket connect(
            final int port, final int receiveBytes, final String... protocols) throws IOException {
        final Socket plain = RawClient.connected(port, receiveBytes);
        final SSLSocket socket = (SSLSocket)
                context().getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        socket.startHandshake();
        return socket;
    }

    private static SSLContext context() {
        try {
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
            return context;
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(final X509Certificate[] chain, final String authType) {}

        @Override
        public void checkServerTrusted(
                final X509Certificate[] chain, final String authType, final Socket socket) {}

        @Override
        public void checkServerTrusted(
                final X509Certificate[] chain, final String authType, final SSLEngine engine) {}

        @Override
        public void checkClientTrusted(final X509Certificate[] chain, final String authType) {}

        @Override
        public void checkClientTrusted(
                final X509Certificate[] chain, final String authType, final Socket socket) {}

        @Override
        public void checkClientTrusted(
                final X509Certificate[] chain, final String authType, final SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
