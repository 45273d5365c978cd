package io.ringledger.benchmarks.driver;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One thread of a driver and its connections. It reads into one buffer and writes from one, and
 * allocates nothing for a request.
 */
final class DriverLoop implements Callable<Measured>, AutoCloseable {
    private static final int READ_BYTES = 1 << 20;
    private static final int UNAVAILABLE = 503;
    private static final long DRAIN_LIMIT_NS = TimeUnit.SECONDS.toNanos(45);

    /** An open loop looks at its pace at least as often, so requests leave as late at most. */
    private static final long OPEN_LOOP_WAIT_MS = 1;

    private static final long CLOSED_LOOP_WAIT_MS = 10;

    /** A service that closes every connection is no service. */
    private static final int MOST_REOPENED = 4;

    private final DriverOptions options;
    private final Load load;
    private final Selector selector;
    private final Connection[] connections;
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer out;
    private final byte[] read = new byte[READ_BYTES];
    private final AnswerParser parser = new AnswerParser();
    private final Consumer<SelectionKey> ready = this::onReady;
    private final Measured measured;
    private final @Nullable Pace pace;

    /** Connections of an open loop that wait for a request: in turns, so that none idles for long. */
    private final Queue<Connection> idle = new ArrayDeque<>();

    private long startNs;
    private int outstanding;
    private long sent;
    private long reopened;
    private boolean isSending = true;
    private @Nullable String failure;

    /** One connection and its request. */
    private static final class Connection {
        private final int index;

        /** Its last request. Shared by all connections, unless it may have to be sent again. */
        private final byte[] request;

        private SocketChannel channel;
        private int requestLength;
        private boolean isWaiting;

        /** The last request has been sent before, on a connection that was closed. */
        private boolean isAskedAgain;

        private long sinceNs;

        /** The beginning of an answer whose end has not come. */
        private byte[] part = {};

        private int partLength;

        /** What of the request the socket had no room for. */
        private @Nullable ByteBuffer unwritten;

        Connection(final int index, final byte[] request, final SocketChannel channel) {
            this.index = index;
            this.request = request;
            this.channel = channel;
        }
    }

    /** Opens so many connections. */
    DriverLoop(final DriverOptions options, final int count, final Load load) throws IOException {
        this.options = options;
        this.load = load;
        final byte[] shared = new byte[load.maxRequestBytes()];
        out = ByteBuffer.allocateDirect(shared.length);
        selector = Selector.open();
        connections = new Connection[count];
        measured = new Measured(
                TimeUnit.MILLISECONDS.toNanos(options.measureMs()),
                !options.phases().isEmpty());
        pace = options.phases().isEmpty() ? null : new Pace(options.phases(), options.threads());
        for (int i = 0; i < count; i++) {
            final byte[] request = options.reopens() ? new byte[shared.length] : shared;
            connections[i] = new Connection(i, request, connect());
            connections[i].channel.register(selector, SelectionKey.OP_READ, connections[i]);
            idle.add(connections[i]);
        }
    }

    private SocketChannel connect() throws IOException {
        final SocketChannel channel = SocketChannel.open(options.target());
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        return channel;
    }

    /** Loads, and waits for every answer. */
    @Override
    public Measured call() throws IOException {
        final var threads = ManagementFactory.getThreadMXBean();
        final long cpuNs = threads.getCurrentThreadCpuTime();
        startNs = System.nanoTime();
        final long endNs = TimeUnit.MILLISECONDS.toNanos(options.warmUpMs() + options.measureMs());
        if (pace == null) {
            idle.clear();
            for (final Connection connection : connections) {
                send(connection, System.nanoTime());
            }
        }
        while (System.nanoTime() - startNs < endNs) {
            if (pace != null) {
                sendWhatIsDue(pace);
            }
            select(pace == null ? CLOSED_LOOP_WAIT_MS : OPEN_LOOP_WAIT_MS);
        }
        isSending = false;
        drain();
        measured.end(sent, unsent(endNs), reopened, threads.getCurrentThreadCpuTime() - cpuNs);
        return measured;
    }

    private void sendWhatIsDue(final Pace due) throws IOException {
        final long nowNs = System.nanoTime() - startNs;
        while (!idle.isEmpty() && due.dueNs() <= nowNs) {
            send(idle.remove(), startNs + due.dueNs());
            due.advance();
        }
    }

    private long unsent(final long endNs) {
        long unsent = 0;
        if (pace != null) {
            for (; pace.dueNs() < endNs; pace.advance()) {
                unsent++;
            }
        }
        return unsent;
    }

    private void drain() throws IOException {
        final long deadlineNs = System.nanoTime() + DRAIN_LIMIT_NS;
        while (outstanding > 0) {
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("no answer to " + outstanding + " requests");
            }
            select(CLOSED_LOOP_WAIT_MS);
        }
    }

    private void select(final long waitMs) throws IOException {
        selector.select(ready, waitMs);
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    private void onReady(final SelectionKey key) {
        final Connection connection = (Connection) key.attachment();
        try {
            try {
                if (key.isWritable()) {
                    goOnWriting(key, connection);
                }
                if (key.isReadable()) {
                    read(connection);
                }
            } catch (final IOException e) {
                reopen(connection, e);
            }
        } catch (final IOException | IllegalStateException e) {
            failure = "connection " + connection.index + ": " + e;
            key.cancel();
        }
    }

    /** Asks again with the same key, so it does not matter whether it was heard the first time. */
    private void reopen(final Connection connection, final IOException cause) throws IOException {
        if (!options.reopens()
                || connection.partLength > 0
                || reopened == (long) MOST_REOPENED * connections.length) {
            throw cause;
        }
        reopened++;
        connection.channel.close();
        connection.unwritten = null;
        connection.channel = connect();
        connection.channel.register(selector, SelectionKey.OP_READ, connection);
        if (connection.isWaiting) {
            connection.isAskedAgain = true;
            write(connection);
        }
    }

    private void read(final Connection connection) throws IOException {
        in.clear();
        final int count = connection.channel.read(in);
        if (count < 0) {
            throw new IOException("closed by the service");
        }
        in.flip();
        if (connection.partLength == 0) {
            in.get(read, 0, count);
            if (parser.parse(read, 0, count)) {
                answered(connection, read, count);
            } else {
                keep(connection, read, count);
            }
            return;
        }
        in.get(read, 0, count);
        keep(connection, read, count);
        if (parser.parse(connection.part, 0, connection.partLength)) {
            final int length = connection.partLength;
            connection.partLength = 0;
            answered(connection, connection.part, length);
        }
    }

    private static void keep(final Connection connection, final byte[] bytes, final int count) {
        final int length = connection.partLength + count;
        if (connection.part.length < length) {
            connection.part = Arrays.copyOf(connection.part, 2 * length);
        }
        System.arraycopy(bytes, 0, connection.part, connection.partLength, count);
        connection.partLength = length;
    }

    private void answered(final Connection connection, final byte[] bytes, final int length)
            throws IOException {
        if (parser.end() != length) {
            throw new IllegalStateException("more than one answer to a request");
        }
        if (!connection.isWaiting) {
            if (!options.reopens()) {
                throw new IllegalStateException("an answer to nothing");
            }
            // Turned away at the door; the end of the connection follows.
            return;
        }
        if (connection.isAskedAgain && parser.status() == UNAVAILABLE) {
            // Nothing is known of the first time: it counts once it is answered.
            reopen(connection, new IOException("refused, and asked before"));
            return;
        }
        final long nowNs = System.nanoTime();
        final Load.Answered answered = load.onAnswer(
                connection.index, parser.status(), bytes, parser.bodyOffset(), parser.bodyLength());
        // Who is refused must be told when to come back.
        final boolean isWrong = answered == Load.Answered.WRONG
                || (parser.status() == UNAVAILABLE && !parser.hasRetryAfter());
        if (isWrong) {
            throw new IllegalStateException("wrong answer: "
                    + new String(bytes, 0, length, java.nio.charset.StandardCharsets.UTF_8));
        }
        outstanding--;
        connection.isWaiting = false;
        measured.add(
                answered,
                nowNs - startNs - TimeUnit.MILLISECONDS.toNanos(options.warmUpMs()),
                nowNs - connection.sinceNs);
        if (pace != null) {
            idle.add(connection);
        } else if (isSending) {
            send(connection, nowNs);
        }
    }

    private void send(final Connection connection, final long sinceNs) throws IOException {
        connection.sinceNs = sinceNs;
        connection.requestLength = load.nextRequest(connection.index, connection.request);
        connection.isWaiting = true;
        connection.isAskedAgain = false;
        outstanding++;
        sent++;
        try {
            write(connection);
        } catch (final IOException e) {
            reopen(connection, e);
        }
    }

    private void write(final Connection connection) throws IOException {
        out.clear();
        out.put(connection.request, 0, connection.requestLength).flip();
        connection.channel.write(out);
        if (out.hasRemaining()) {
            connection.unwritten = ByteBuffer.allocate(out.remaining()).put(out).flip();
            connection
                    .channel
                    .keyFor(selector)
                    .interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    private static void goOnWriting(final SelectionKey key, final Connection connection)
            throws IOException {
        final ByteBuffer rest = connection.unwritten;
        if (rest != null) {
            connection.channel.write(rest);
        }
        if (rest == null || !rest.hasRemaining()) {
            connection.unwritten = null;
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    @Override
    public void close() throws IOException {
        for (final Connection connection : connections) {
            if (connection != null) {
                connection.channel.close();
            }
        }
        selector.close();
    }
}
