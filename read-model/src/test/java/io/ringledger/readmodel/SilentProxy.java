package io.ringledger.readmodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before a server and can fall silent: it keeps connections open and accepts new ones, and
 * passes nothing on. Connections from a silent time stay silent for ever, as those to a host that
 * lost its power do.
 */
final class SilentProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 8192;

    private final ServerSocket listener;
    private final int target;
    private final Map<Socket, Socket> pairs = new ConcurrentHashMap<>();
    private final Set<Socket> silenced = ConcurrentHashMap.newKeySet();
    private volatile boolean isSilent;

    SilentProxy(final int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on nothing passes, on old and new connections. */
    void fallSilent() {
        isSilent = true;
        silenced.addAll(pairs.keySet());
    }

    /** New connections pass again; what was there stays silent. */
    void serveNewConnections() {
        isSilent = false;
    }

    /** Connections that are open, silent ones included. */
    int open() {
        return pairs.size();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                final Socket client = listener.accept();
                if (isSilent) {
                    silenced.add(client);
                }
                final Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                pairs.put(client, server);
                Thread.ofVirtual().start(() -> pump(client, client, server));
                Thread.ofVirtual().start(() -> pump(client, server, client));
            } catch (final IOException e) {
                return;
            }
        }
    }

    private void pump(final Socket client, final Socket from, final Socket to) {
        final byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            final InputStream in = from.getInputStream();
            final OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!silenced.contains(client)) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (final IOException e) {
            // One side is gone; closing both is all that is left to do.
        } finally {
            pairs.remove(client);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (final Map.Entry<Socket, Socket> pair : pairs.entrySet()) {
            pair.getKey().close();
            pair.getValue().close();
        }
    }
}
