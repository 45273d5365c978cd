package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.stub.StubOptions;
import io.ringledger.kit.Scope;
import io.ringledger.localstack.LocalIssuer;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What tokens cost: one command a request, in a closed loop, in turns on a ledger that asks nobody
 * and on one that asks for a token and keeps each client to a rate, with the tokens of one client and
 * of many. Stateless.
 */
public final class TokensExperiment implements Experiment {
    private static final int PARTITIONS = 2;
    private static final Duration VALID = Duration.ofHours(12);

    /** More than any client here asks: rates are kept, and nobody is over them. */
    private static final String RATE = "1000000";

    private static final String OFF = "tokens off";
    private static final String SENT = "tokens off, one sent all the same";
    private static final String ONE = "tokens on, 1 client";
    private static final String MANY = "tokens on, 1,000 clients";
    private static final String P50 = ": p50";
    private static final String P99 = ": p99";
    private static final String SERVER = ": server's processor time a request";

    /** What differs from scale to scale. */
    private record Size(int accounts, int connections, int clients, long leadInMs, long warmUpMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(1_000, 64, 20, 50, 300);
                case QUICK -> new Size(10_000, 2_048, 1_000, 400, 8_000);
                case FULL -> new Size(10_000, 2_048, 1_000, 1_000, 30_000);
            };
        }
    }

    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public String question() {
        return "What do bearer tokens, scopes, prefixes and rates cost a command?";
    }

    /** A quick run has ten minutes for the targets of the design. */
    @Override
    public boolean isIn(final Scale scale) {
        return scale != Scale.QUICK;
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 18;
            case QUICK -> 90;
            case FULL -> 260;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        bench.target(Target.ratioAtLeast("tokens of 1 client, beside none", ONE, OFF, 0.95));
        bench.target(Target.ratioAtLeast("tokens of 1,000 clients, beside none", MANY, OFF, 0.95));
        final Size size = Size.of(bench.scale());
        final LocalIssuer issuer = LocalIssuer.in(bench.folder().resolve("issuer"));
        final List<String> tokens = IntStream.range(0, size.clients())
                .mapToObj(client -> "Bearer "
                        + issuer.token(
                                String.format("client-%04d", client),
                                "account-",
                                List.of(Scope.READ, Scope.WRITE),
                                Instant.now().plus(VALID)))
                .toList();
        final List<String> many =
                tokens.stream().map(token -> "Authorization: " + token + "\r\n").toList();
        final List<String> one = many.subList(0, 1);
        final Map<String, String> asking = new HashMap<>(issuer.settings());
        asking.put("RINGLEDGER_RATE_PER_CLIENT", RATE);
        asking.put("RINGLEDGER_RATE_BURST", RATE);
        bench.progress("starts a ledger that asks nobody, and one that asks for tokens");
        try (LedgerSide open = start(bench, "open", size, Map.of(), "none");
                LedgerSide closed = start(bench, "closed", size, asking, tokens.getFirst())) {
            bench.progress("warms up");
            turn(open, size, List.of(""), size.warmUpMs());
            turn(closed, size, many, size.warmUpMs());
            final int rounds = bench.scale().rounds();
            for (int round = 1; round <= rounds; round++) {
                bench.progress("round " + round + " of " + rounds);
                record(bench, OFF, open, size, List.of(""));
                record(bench, ONE, closed, size, one);
                record(bench, SENT, open, size, one);
                record(bench, MANY, closed, size, many);
            }
            bench.progress("profile of the ledger that asks");
            final Profile profile = Profile.record(
                    closed.process(),
                    bench.folder().resolve("tokens.jfr"),
                    () -> turn(closed, size, many, bench.scale().roundMs()));
            profile.lines()
                    .forEach(line -> bench.note("tokens, profile of the ledger that asks (1,000"
                            + " clients, tokens.jfr), " + line + "."));
        }
        bench.note("tokens: two ledgers as processes of their own, one idle while the other is"
                + " measured; a token has " + tokens.getFirst().length() + " bytes, is signed with"
                + " ES256 and checked once; with tokens each client has a rate too, "
                + RATE + " a second.");
    }

    private static LedgerSide start(
            final Bench bench,
            final String folder,
            final Size size,
            final Map<String, String> settings,
            final String authorization)
            throws Exception {
        return LedgerSide.start(
                new LedgerShape(
                        PARTITIONS,
                        size.accounts(),
                        StubOptions.DEFAULT_DELAY_MS,
                        0,
                        settings,
                        authorization),
                bench.folder().resolve(folder));
    }

    private static Measured turn(
            final LedgerSide ledger, final Size size, final List<String> headers, final long ms)
            throws Exception {
        return ledger.singles(
                DriverOptions.closedLoop(ledger.address(), size.connections(), size.leadInMs(), ms),
                size.accounts(),
                headers);
    }

    private static void record(
            final Bench bench,
            final String figure,
            final LedgerSide ledger,
            final Size size,
            final List<String> headers)
            throws Exception {
        final long beforeNs = ledger.process().cpuNs();
        final Measured measured = turn(ledger, size, headers, bench.scale().roundMs());
        final long serverNs = ledger.process().cpuNs() - beforeNs;
        if (measured.refused() > 0) {
            throw new IllegalStateException(
                    figure + ": " + measured.refused() + " requests were refused");
        }
        bench.record(figure, "/s", measured.donePerSecond());
        bench.record(figure + P50, "ms", measured.percentileMs(50));
        bench.record(figure + P99, "ms", measured.percentileMs(99));
        bench.record(figure + SERVER, "µs", measured.usPerRequest(serverNs));
    }
}
