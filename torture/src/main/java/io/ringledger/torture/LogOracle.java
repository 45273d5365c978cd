package io.ringledger.torture;

import io.ringledger.emulators.LocalAws;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the stream itself, past every proxy and every service, and folds what a reader may believe:
 * the first frame of each number, none that landed after the marker of a later owner. Used once; not
 * thread-safe.
 */
final class LogOracle {
    private static final int RECORDS_PER_READ = 10_000;

    private final String stream;
    private final List<PartitionFold> folds = new ArrayList<>();
    private final List<FrameChain> chains = new ArrayList<>();
    private long records;
    private long markers;
    private long duplicates;
    private long fenced;

    /**
     * Knows nothing yet.
     *
     * @param commands numbers of commands are below that
     */
    LogOracle(final String stream, final int partitions, final int commands) {
        this.stream = stream;
        final Effects effects = new Effects(commands);
        for (int partition = 0; partition < partitions; partition++) {
            folds.add(new PartitionFold(partition, effects));
            chains.add(new FrameChain(partition, partitions));
        }
    }

    /** Reads all there is; blocks. What contradicts itself, its fold says. */
    void read(final URI endpoint) {
        try (KinesisAsyncClient kinesis = LocalAws.kinesis(endpoint);
                FrameReader reader = new FrameReader()) {
            for (final Shard shard : kinesis.listShards(request -> request.streamName(stream))
                    .join()
                    .shards()) {
                readShard(kinesis, shard.shardId(), reader);
            }
        }
        verify();
    }

    /** Checks what only the whole can show. */
    void verify() {
        folds.forEach(PartitionFold::verify);
    }

    private void readShard(
            final KinesisAsyncClient kinesis, final String shardId, final FrameReader reader) {
        @Nullable String iterator = kinesis.getShardIterator(request -> request.streamName(stream)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .join()
                .shardIterator();
        boolean isAtEnd = false;
        while (iterator != null && !isAtEnd) {
            final String from = iterator;
            final GetRecordsResponse page = kinesis.getRecords(
                            request -> request.shardIterator(from).limit(RECORDS_PER_READ))
                    .join();
            for (final Record record : page.records()) {
                onRecord(reader, record.data().asByteArrayUnsafe());
            }
            final Long behindMs = page.millisBehindLatest();
            isAtEnd = page.records().isEmpty() && behindMs != null && behindMs == 0;
            iterator = page.nextShardIterator();
        }
    }

    /** Takes in the next record. */
    void onRecord(final FrameReader reader, final byte[] record) {
        records++;
        if (EpochMarker.isMarker(record)) {
            final EpochMarker marker = EpochMarker.read(record);
            chains.get(marker.partition()).passMarker(marker);
            markers++;
            return;
        }
        final FrameHeader header = reader.open(record);
        final PartitionFold fold = folds.get(header.partition());
        try {
            onFrame(reader, header, fold);
        } catch (final FrameException e) {
            fold.contradict(e.getMessage());
        }
    }

    private void onFrame(
            final FrameReader reader, final FrameHeader header, final PartitionFold fold) {
        final FrameChain chain = chains.get(header.partition());
        switch (chain.judge(reader, header)) {
            case NEXT -> {
                reader.readEvents(fold.canonical());
                chain.advance(reader, header);
            }
            case SEEN -> duplicates++;
            case FENCED -> {
                fenced++;
                reader.readEvents(fold.fenced());
            }
        }
    }

    /** What became of each command. */
    Effects effects() {
        return folds.getFirst().effects();
    }

    List<PartitionFold> folds() {
        return folds;
    }

    /** The last sequence of each partition. */
    long[] sequences() {
        return chains.stream().mapToLong(FrameChain::sequence).toArray();
    }

    String describe() {
        long events = 0;
        long frames = 0;
        for (final FrameChain chain : chains) {
            events += chain.sequence();
            frames += chain.frameNumber();
        }
        return String.format(
                java.util.Locale.ROOT,
                "%,d records: %,d frames with %,d events, %,d markers, %,d frames that landed"
                        + " twice, %,d frames of replaced owners dropped",
                records,
                frames,
                events,
                markers,
                duplicates,
                fenced);
    }
}
