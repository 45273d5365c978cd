package io.ringledger.benchmarks.write;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections that have each had one answer and now wait. Not thread-safe. */
final class IdleConnections implements AutoCloseable {
    private static final byte[] REQUEST =
            "GET /health/live HTTP/1.1\r\nHost: ledger.example\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final int LIMIT_MS = 20_000;
    private static final int ANSWER_BYTES = 4_096;

    private final List<Socket> sockets = new ArrayList<>();

    private IdleConnections() {}

    /** Opens them, one after another. */
    static IdleConnections open(final InetSocketAddress address, final int count)
            throws IOException {
        final IdleConnections connections = new IdleConnections();
        try {
            final byte[] answer = new byte[ANSWER_BYTES];
            for (int i = 0; i < count; i++) {
                final Socket socket = new Socket();
                connections.sockets.add(socket);
                socket.connect(address, LIMIT_MS);
                socket.setSoTimeout(LIMIT_MS);
                socket.getOutputStream().write(REQUEST);
                final InputStream in = socket.getInputStream();
                final int length = in.read(answer);
                final String text = length < 0
                        ? "nothing"
                        : new String(answer, 0, length, StandardCharsets.US_ASCII);
                if (!text.startsWith("HTTP/1.1 200 ")) {
                    throw new IOException("connection " + i + " was answered: " + text);
                }
            }
            return connections;
        } catch (final IOException e) {
            connections.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        for (final Socket socket : sockets) {
            socket.close();
        }
    }
}
