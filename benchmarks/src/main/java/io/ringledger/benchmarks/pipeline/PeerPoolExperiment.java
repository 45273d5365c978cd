package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.peer.TableOptions;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The peer with pools of several sizes, in turns: what {@link TableOptions#CHOSEN} is chosen by.
 * Stateless.
 */
public final class PeerPoolExperiment implements Experiment {
    private static final int HOT_ACCOUNTS = 10;
    private static final int MAX_IN_FLIGHT = TableOptions.CHOSEN.maxInFlight();

    /** What differs from scale to scale. */
    private record Size(
            List<TableOptions> pools, int accounts, int connections, long leadInMs, long warmUpMs) {
        static Size of(final Scale scale) {
            return scale == Scale.SMOKE
                    ? new Size(List.of(pool(4, 1)), 200, 16, 100, 300)
                    : new Size(
                            List.of(
                                    pool(4, 1),
                                    pool(8, 1),
                                    pool(16, 1),
                                    pool(32, 1),
                                    pool(64, 1),
                                    pool(8, 4)),
                            10_000,
                            PipelineExperiment.CONNECTIONS,
                            300,
                            3_000);
        }

        private static TableOptions pool(final int connections, final int pipelining) {
            return new TableOptions(connections, pipelining, MAX_IN_FLIGHT);
        }
    }

    @Override
    public String name() {
        return "peer-pool";
    }

    @Override
    public String question() {
        return "With how many connections to Postgres is the table of the peer fastest?";
    }

    @Override
    public boolean isIn(final Scale scale) {
        return scale != Scale.QUICK;
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 8;
            case QUICK -> 210;
            case FULL -> 300;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        final Size size = Size.of(bench.scale());
        final Map<TableOptions, PeerSide> peers = new LinkedHashMap<>();
        try {
            for (final TableOptions pool : size.pools()) {
                bench.progress("starts the peer with " + figure(pool));
                final PeerSide peer = PeerSide.start(size.accounts(), pool, bench.folder());
                peers.put(pool, peer);
                turn(peer, size, size.warmUpMs(), size.accounts());
            }
            for (int round = 1; round <= bench.scale().rounds(); round++) {
                bench.progress("round " + round + " of " + bench.scale().rounds());
                final long ms = bench.scale().roundMs();
                for (final Map.Entry<TableOptions, PeerSide> peer : peers.entrySet()) {
                    final String figure = "table in Postgres, " + figure(peer.getKey());
                    bench.record(
                            figure + ", 10,000 accounts",
                            "/s",
                            turn(peer.getValue(), size, ms, size.accounts()));
                    bench.record(
                            figure + ", 10 hot accounts",
                            "/s",
                            turn(peer.getValue(), size, ms, HOT_ACCOUNTS));
                }
            }
        } finally {
            peers.values().forEach(PeerSide::close);
        }
    }

    private static String figure(final TableOptions pool) {
        return pool.connections() + " connections"
                + (pool.pipelining() > 1 ? " of " + pool.pipelining() + " pipelined" : "");
    }

    private static double turn(
            final PeerSide peer, final Size size, final long ms, final int accounts)
            throws Exception {
        return peer.measure(
                        DriverOptions.closedLoop(
                                peer.address(), size.connections(), size.leadInMs(), ms),
                        accounts)
                .measured()
                .donePerSecond();
    }
}
