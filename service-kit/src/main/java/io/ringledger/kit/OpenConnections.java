package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections of a server are open, in all and from each address. Thread-safe: one for all
 * event loops. Holds an entry for each address that has one, so no more than there are connections.
 */
final class OpenConnections {
    /** Of a peer that has gone already, or has no address. */
    private static final long NO_ADDRESS = -1;

    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentHashMap<Long, Source> sources = new ConcurrentHashMap<>();

    /** Where connections come from. */
    static final class Source {
        private final long address;
        private final AtomicInteger open = new AtomicInteger();

        private Source(final long address) {
            this.address = address;
        }

        /** How many connections from there are open. */
        int open() {
            return open.get();
        }
    }

    /** How many are open. */
    int count() {
        return all.get();
    }

    /** How many addresses they are from. */
    int addresses() {
        return sources.size();
    }

    /** How many are open from the address of this peer. */
    int countFrom(final @Nullable SocketAddress peer) {
        final Source source = sources.get(addressOf(peer));
        return source == null ? 0 : source.open();
    }

    /** Counts one more; it has to be given to {@link #leave} once. */
    Source enter(final @Nullable SocketAddress peer) {
        all.incrementAndGet();
        // Counted under the map's lock of this address, so that no count is lost to a removal.
        return sources.compute(addressOf(peer), (address, known) -> {
            final Source source = known == null ? new Source(address) : known;
            source.open.incrementAndGet();
            return source;
        });
    }

    /** One from there has been closed. */
    void leave(final Source source) {
        sources.computeIfPresent(
                source.address,
                (address, known) -> known.open.decrementAndGet() == 0 ? null : known);
        all.decrementAndGet();
    }

    /**
     * An address as a number: all of IPv4; of IPv6 the first 64 bits, for whoever has one address of
     * such a network has them all. The two do not meet: 0::/32 is nobody's.
     */
    private static long addressOf(final @Nullable SocketAddress peer) {
        if (!(peer instanceof final InetSocketAddress socket) || socket.getAddress() == null) {
            return NO_ADDRESS;
        }
        final ByteBuffer bytes = ByteBuffer.wrap(socket.getAddress().getAddress());
        return socket.getAddress() instanceof Inet6Address
                ? bytes.getLong()
                : bytes.getInt() & 0xFFFF_FFFFL;
    }
}
