package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.OpenConnections.Source;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

final class OpenConnectionsTest {
    private static final int THREADS = 4;
    private static final int STEPS = 20_000;

    private final OpenConnections connections = new OpenConnections();

    private static InetSocketAddress peer(final String address) {
        return new InetSocketAddress(address, 1);
    }

    @Test
    void shouldCountByAddress() {
        final Source one = connections.enter(peer("10.0.0.1"));
        connections.enter(peer("10.0.0.1"));
        connections.enter(peer("10.0.0.2"));
        connections.enter(null);
        connections.enter(InetSocketAddress.createUnresolved("nowhere", 1));
        assertThat(connections.count()).isEqualTo(5);
        assertThat(connections.addresses()).isEqualTo(3);
        assertThat(connections.countFrom(peer("10.0.0.1"))).isEqualTo(2);
        assertThat(one.open()).isEqualTo(2);
        connections.leave(one);
        connections.leave(one);
        assertThat(connections.countFrom(peer("10.0.0.1"))).isZero();
        assertThat(connections.addresses()).isEqualTo(2);
        assertThat(connections.count()).isEqualTo(3);
    }

    @Test
    void shouldTakeANetworkOfIpv6ForOneAddress() {
        connections.enter(peer("2001:db8:1:2::1"));
        connections.enter(peer("2001:db8:1:2:ffff::9"));
        connections.enter(peer("2001:db8:1:3::1"));
        assertThat(connections.countFrom(peer("2001:db8:1:2::77"))).isEqualTo(2);
        assertThat(connections.countFrom(peer("2001:db8:1:3::77"))).isEqualTo(1);
        assertThat(connections.countFrom(peer("0.0.0.1"))).isZero();
    }

    @Test
    void shouldLoseNoCountAmongThreads() throws InterruptedException {
        final List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            final SplittableRandom random = new SplittableRandom(thread);
            threads.add(Thread.ofPlatform().start(() -> {
                final List<Source> mine = new ArrayList<>();
                for (int step = 0; step < STEPS; step++) {
                    if (mine.isEmpty() || random.nextBoolean()) {
                        mine.add(connections.enter(peer("10.0.0." + random.nextInt(3))));
                    } else {
                        connections.leave(mine.removeLast());
                    }
                }
                mine.forEach(connections::leave);
            }));
        }
        for (final Thread thread : threads) {
            thread.join();
        }
        assertThat(connections.count()).isZero();
        assertThat(connections.addresses()).isZero();
    }
}
