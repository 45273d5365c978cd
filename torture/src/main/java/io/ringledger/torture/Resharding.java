package io.ringledger.torture;

import io.ringledger.emulators.LocalAws;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.localstack.Ground;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The steps of {@code docs/operating/reshard.md}: twice as many shards, then half as many. Each time
 * views and snapshots of every partition must come past the change before the next one. Then a ledger
 * process is replaced.
 */
final class Resharding implements RehearsalStand.Steps {
    private static final Pattern SNAPSHOT =
            Pattern.compile("p(\\d{5})-s(\\d{19})-e\\d{19}\\.snapshot");

    private final RehearsalStand stand;

    Resharding(final RehearsalStand stand) {
        this.stand = stand;
    }

    @Override
    public void run(final Facts facts) throws Exception {
        try (KinesisAsyncClient kinesis =
                LocalAws.kinesis(stand.ground().kinesis().endpoint())) {
            final int shards = openShards(kinesis).size();
            for (final int target : List.of(2 * shards, shards)) {
                final int before = openShards(kinesis).size();
                final long startNs = System.nanoTime();
                reshard(kinesis, target);
                // What is sent from here on is in the children.
                stand.written().restart();
                final long[] position = stand.written().await();
                stand.say("resharded from " + before + " to " + target + " shards");
                stand.awaitProjectors(target);
                awaitPast("views", position, () -> stand.views().positions(PostgresLocal.DATABASE));
                final long viewsMs = millisSince(startNs);
                awaitPast("snapshots", position, this::snapshots);
                facts.add(
                        before + " to " + target + " shards",
                        "views of every partition past it after " + viewsMs + " ms, snapshots"
                                + " after " + millisSince(startNs) + " ms");
            }
            replaceALedger();
            facts.add(
                    "shards, parents included",
                    Integer.toString(allShards(kinesis).size()));
        }
    }

    /** The new one must recover what it takes over through both changes. */
    private void replaceALedger() throws Exception {
        stand.replace(stand.fleet().of(Role.LEDGER).getFirst());
        stand.awaitServed();
    }

    private static long millisSince(final long startNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    /** {@code aws kinesis update-shard-count}, and until the stream is active again. */
    private static void reshard(final KinesisAsyncClient kinesis, final int target)
            throws InterruptedException {
        kinesis.updateShardCount(request -> request.streamName(Ground.NAME)
                        .targetShardCount(target)
                        .scalingType(ScalingType.UNIFORM_SCALING))
                .join();
        Waits.until(
                "the stream is active with " + target + " shards",
                () -> isActive(kinesis) && openShards(kinesis).size() == target);
    }

    private static boolean isActive(final KinesisAsyncClient kinesis) {
        return kinesis.describeStreamSummary(request -> request.streamName(Ground.NAME))
                        .join()
                        .streamDescriptionSummary()
                        .streamStatus()
                == StreamStatus.ACTIVE;
    }

    private static List<Shard> allShards(final KinesisAsyncClient kinesis) {
        return kinesis.listShards(request -> request.streamName(Ground.NAME))
                .join()
                .shards();
    }

    private static List<Shard> openShards(final KinesisAsyncClient kinesis) {
        return allShards(kinesis).stream()
                .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
                .toList();
    }

    /** How far something is in each partition. */
    private interface Position {
        long[] sequences() throws IOException;
    }

    private void awaitPast(final String what, final long[] position, final Position current)
            throws InterruptedException {
        Waits.until(what + " of every partition at " + Arrays.toString(position), () -> {
            stand.fleet().requireAlive();
            try {
                final long[] now = current.sequences();
                return IntStream.range(0, now.length).allMatch(p -> now[p] >= position[p]);
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot look at the " + what, e);
            }
        });
    }

    /** Of the newest snapshots. */
    private long[] snapshots() throws IOException {
        final long[] sequences = new long[stand.options().partitions()];
        try (Stream<Path> files = Files.list(stand.snapshots())) {
            for (final Path file : files.toList()) {
                final Matcher name = SNAPSHOT.matcher(file.getFileName().toString());
                if (name.matches()) {
                    final int partition = Integer.parseInt(name.group(1));
                    sequences[partition] =
                            Math.max(sequences[partition], Long.parseLong(name.group(2)));
                }
            }
        }
        return sequences;
    }
}
