package io.ringledger.benchmarks.write;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Clients that keep connections and give nothing for them: real sockets of this process from other
 * addresses of this machine, by one thread. Whoever is closed comes back: at once after a whole
 * life, later if it was hardly let in. They stop when they are closed. Thread-safe.
 */
final class SlowClients implements AutoCloseable {
    /** What a slow client does. */
    enum Kind {
        /** Connects, and nothing more. */
        SILENT(""),
        /** Sends a byte of a header now and then. */
        HEADERS("GET /v1/accounts/a/balance HTTP/1.1\r\nHost: ledger.example\r\nX-Slow: "),
        /** Sends a byte of a body now and then. */
        BODY("POST /v1/accounts/a/credit HTTP/1.1\r\nHost: ledger.example\r\nContent-Type:"
                + " application/json\r\nIdempotency-Key: k\r\nContent-Length: 4096\r\n\r\n{"),
        /** Sends requests before it has its answers, which it never reads. */
        READER("GET /problems/overloaded HTTP/1.1\r\nHost: h\r\n\r\n".repeat(120)),
        /** Has had one answer. */
        IDLE("GET /health/live HTTP/1.1\r\nHost: ledger.example\r\n\r\n");

        private final String beginning;

        Kind(final String beginning) {
            this.beginning = beginning;
        }

        private ByteBuffer bytes() {
            return ByteBuffer.wrap(beginning.getBytes(StandardCharsets.US_ASCII));
        }

        private boolean isDripping() {
            return this == HEADERS || this == BODY;
        }
    }

    /**
     * How they attack.
     *
     * @param count of clients
     * @param addresses that they share
     * @param stepMs between two bytes
     * @param shortLifeMs who was closed sooner than that was not let in
     * @param patienceMs how long such a one waits
     */
    record Plan(int count, int addresses, long stepMs, long shortLifeMs, long patienceMs) {}

    /** Twenty clients: what most tools do most. */
    private static final List<Kind> MIX = List.of(
            Kind.SILENT,
            Kind.HEADERS,
            Kind.BODY,
            Kind.IDLE,
            Kind.SILENT,
            Kind.HEADERS,
            Kind.BODY,
            Kind.SILENT,
            Kind.HEADERS,
            Kind.BODY,
            Kind.IDLE,
            Kind.SILENT,
            Kind.HEADERS,
            Kind.BODY,
            Kind.SILENT,
            Kind.HEADERS,
            Kind.BODY,
            Kind.IDLE,
            Kind.SILENT,
            Kind.READER);

    private static final int MAX_CONNECTING = 128;
    private static final int READ_BYTES = 65_536;
    private static final int LITTLE_ROOM = 4_096;
    private static final long COMES_BACK_MS = 100;
    private static final long MAX_WAIT_MS = 20;
    private static final long STOP_LIMIT_MS = 30_000;

    private final InetSocketAddress target;
    private final Plan plan;
    private final Selector selector;
    private final Thread thread;
    private final PriorityQueue<Client> due =
            new PriorityQueue<>(Comparator.comparingLong((Client client) -> client.dueNs));
    private final ByteBuffer read = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer drop = ByteBuffer.wrap(new byte[] {'x'});
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private final Map<Kind, Integer> closed = new ConcurrentHashMap<>();
    private int connecting;
    private volatile boolean isStopping;

    /** One client. Used by the thread. */
    private static final class Client {
        private final Kind kind;
        private final String from;
        private @Nullable SocketChannel channel;
        private boolean isOpen;
        private boolean hasBegun;
        private long sinceNs;
        private long dueNs;

        Client(final Kind kind, final String from, final long dueNs) {
            this.kind = kind;
            this.from = from;
            this.dueNs = dueNs;
        }
    }

    private SlowClients(final InetSocketAddress target, final Plan plan) throws IOException {
        this.target = target;
        this.plan = plan;
        selector = Selector.open();
        final long nowNs = System.nanoTime();
        for (int i = 0; i < plan.count(); i++) {
            due.add(new Client(
                    MIX.get(i % MIX.size()), "127.0.1." + (1 + i % plan.addresses()), nowNs));
        }
        thread = Thread.ofPlatform().name("slow-clients").unstarted(this::run);
    }

    /** Begins; they are not there yet when this returns. */
    static SlowClients start(final InetSocketAddress target, final Plan plan) throws IOException {
        final SlowClients clients = new SlowClients(target, plan);
        clients.thread.start();
        return clients;
    }

    /** Of how many clients how many are of each kind, in words for a report. */
    static String mix() {
        return "of every " + MIX.size() + ": "
                + Stream.of(Kind.values())
                        .map(kind -> Collections.frequency(MIX, kind) + " " + kind)
                        .collect(Collectors.joining(", "));
    }

    /** How many are connected, as far as they know. */
    int open() {
        return open.get();
    }

    /** How many have come, at least once. */
    int begun() {
        return begun.get();
    }

    /** How often the server has closed one of a kind. */
    int closed(final Kind kind) {
        return closed.getOrDefault(kind, 0);
    }

    private void run() {
        try {
            while (!isStopping) {
                act();
                selector.select(this::onReady, MAX_WAIT_MS);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void act() {
        final long nowNs = System.nanoTime();
        while (!due.isEmpty() && due.peek().dueNs <= nowNs) {
            if (due.peek().channel == null && connecting >= MAX_CONNECTING) {
                return;
            }
            final Client client = due.remove();
            try {
                final SocketChannel channel = client.channel;
                if (channel == null) {
                    connect(client);
                } else {
                    goOn(client, channel, nowNs);
                }
            } catch (final IOException e) {
                onClosed(client);
            }
        }
    }

    private void connect(final Client client) throws IOException {
        client.sinceNs = System.nanoTime();
        final SocketChannel channel = SocketChannel.open();
        client.channel = channel;
        connecting++;
        // Closed by a reset: no port of this machine is kept waiting.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        if (client.kind == Kind.READER) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE_ROOM);
        }
        channel.bind(new InetSocketAddress(client.from, 0));
        channel.configureBlocking(false);
        final SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, client);
        if (channel.connect(target)) {
            onConnected(client, channel, key);
        }
    }

    private void onConnected(
            final Client client, final SocketChannel channel, final SelectionKey key)
            throws IOException {
        connecting--;
        client.isOpen = true;
        open.incrementAndGet();
        if (!client.hasBegun) {
            client.hasBegun = true;
            begun.incrementAndGet();
        }
        key.interestOps(client.kind == Kind.READER ? 0 : SelectionKey.OP_READ);
        channel.write(client.kind.bytes());
        again(client, plan.stepMs());
    }

    /** A byte, or to a reader's server as much as it takes. */
    private void goOn(final Client client, final SocketChannel channel, final long nowNs)
            throws IOException {
        if (client.kind.isDripping()) {
            channel.write(drop.rewind());
        } else if (client.kind == Kind.READER) {
            final boolean isYoung =
                    nowNs - client.sinceNs < TimeUnit.MILLISECONDS.toNanos(3 * plan.stepMs() / 2);
            // Twice, to fill what the kernel keeps; then a byte, which tells whether it is closed.
            channel.write(isYoung ? client.kind.bytes() : drop.rewind());
        } else {
            return;
        }
        again(client, plan.stepMs());
    }

    private void again(final Client client, final long inMs) {
        client.dueNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(inMs);
        due.add(client);
    }

    private void onReady(final SelectionKey key) {
        final Client client = (Client) key.attachment();
        final SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                onConnected(client, channel, key);
            } else if (key.isReadable()) {
                read.clear();
                if (channel.read(read) < 0) {
                    onClosed(client);
                }
            }
        } catch (final IOException e) {
            onClosed(client);
        }
    }

    private void onClosed(final Client client) {
        final boolean wasOpen = client.isOpen;
        close(client);
        if (wasOpen) {
            closed.merge(client.kind, 1, Integer::sum);
        }
        final long livedNs = System.nanoTime() - client.sinceNs;
        final boolean hasLived =
                wasOpen && livedNs >= TimeUnit.MILLISECONDS.toNanos(plan.shortLifeMs());
        due.remove(client);
        again(client, hasLived ? COMES_BACK_MS : plan.patienceMs());
    }

    private void close(final Client client) {
        final SocketChannel channel = client.channel;
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        if (client.isOpen) {
            open.decrementAndGet();
        } else {
            connecting--;
        }
        client.channel = null;
        client.isOpen = false;
    }

    /** Closes all connections; returns once they are. */
    @Override
    public void close() throws IOException {
        isStopping = true;
        selector.wakeup();
        try {
            thread.join(STOP_LIMIT_MS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (final SelectionKey key : List.copyOf(selector.keys())) {
            key.channel().close();
        }
        selector.close();
        open.set(0);
    }
}
