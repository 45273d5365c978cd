package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An HTTP client that sends exactly the bytes it is told, and reads what comes back. Every answer must
 * have a correlation id.
 */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    /** One answer. */
    public record Answer(int status, Map<String, String> headers, String body) {
        /** The headers without the correlation id, which no two answers share. */
        public Map<String, String> commonHeaders() {
            final Map<String, String> common = new TreeMap<>(headers);
            common.remove("correlation-id");
            return common;
        }
    }

    /** The server closed the connection instead of answering. */
    public static final class ClosedException extends IOException {
        private static final long serialVersionUID = 1;

        ClosedException(final String message) {
            super(message);
        }
    }

    /** Connects to a port of this machine. */
    public RawClient(final int port) throws IOException {
        this(port, 0);
    }

    /**
     * Connects to a port of this machine.
     *
     * @param receiveBytes what the kernel keeps of unread answers; 0: as it likes
     */
    public RawClient(final int port, final int receiveBytes) throws IOException {
        this(connected(port, receiveBytes));
    }

    /**
     * Connects to a port of this machine.
     *
     * @param receiveBytes what the kernel keeps of unread answers; 0: as it likes
     * @param from which address of this machine it comes from
     */
    public RawClient(final int port, final int receiveBytes, final String from) throws IOException {
        this(connected(port, receiveBytes, from));
    }

    /** Over a connection that is there; takes it over. */
    public RawClient(final Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Socket connected(final int port, final int receiveBytes) throws IOException {
        return connected(port, receiveBytes, InetAddress.getLoopbackAddress().getHostAddress());
    }

    private static Socket connected(final int port, final int receiveBytes, final String from)
            throws IOException {
        final Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Sends these bytes at once. */
    public void send(final String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends these bytes at once. */
    public void send(final byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Reads one answer with a Content-Length. */
    public Answer answer() throws IOException {
        final String[] lines = head().split("\r\n", -1);
        final Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length - 2; i++) {
            final int colon = lines[i].indexOf(':');
            final String before = headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
            assertThat(before).as("twice: " + lines[i]).isNull();
        }
        if (!lines[0].startsWith("HTTP/1.1 100")) {
            assertThat(headers.get("correlation-id")).as(lines[0]).matches("[0-9a-f]{32}");
        }
        final int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        final byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("answer cut off: length=" + length + ", got=" + body.length);
        }
        return new Answer(
                Integer.parseInt(lines[0].substring(9, 12)),
                headers,
                new String(body, StandardCharsets.UTF_8));
    }

    /** Returns once the server has closed, and throws if it does not; drops what still comes. */
    public void awaitClose() throws IOException {
        try {
            while (in.read() >= 0) {
                // dropped
            }
        } catch (final SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** Reads up to so many bytes; less than 0 once the server has closed. */
    public int read(final byte[] into) throws IOException {
        try {
            return in.read(into);
        } catch (final SocketException e) {
            return -1;
        }
    }

    private int read() throws IOException {
        try {
            return in.read();
        } catch (final SocketException e) {
            return -1;
        }
    }

    private String head() throws IOException {
        final ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (true) {
            final int next = read();
            if (next < 0) {
                throw new ClosedException("connection closed, got: " + head);
            }
            head.write(next);
            if (next == '\n') {
                final String text = head.toString(StandardCharsets.ISO_8859_1);
                if (text.endsWith("\r\n\r\n")) {
                    return text;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
