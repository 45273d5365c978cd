package io.ringledger.ledger.ownership;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * Keeps two ledger processes from writing to one stream: an item in DynamoDB that names the owner
 * and carries a heartbeat counter and an epoch, all moved by conditional writes only. An owner
 * whose counter has not moved for a whole lease time, by this process's own monotonic clock, is
 * taken to be dead, and the epoch is raised.
 *
 * <p>What it does not do: a paused owner that comes back is stopped by its next heartbeat only, not
 * fenced at its next answer. That takes the epoch markers of design D5.
 *
 * <p>Thread-safe.
 */
public final class StreamLock implements Ownership, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamLock.class);
    private static final String NOBODY = "nobody";
    private static final long POLL_MS = 100;
    private static final long RELEASE_TIMEOUT_MS = 1_000;

    private final DynamoDbAsyncClient dynamoDb;
    private final String table;
    private final String id;
    private final String owner;
    private final long epoch;
    private final Consumer<String> onLost;
    private final long leaseNs;
    private final long[] required;
    private final AtomicLongArray reached;
    private final ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("stream-lock").factory());
    private volatile boolean isHeld = true;
    private volatile boolean isDrained;
    private volatile long lastBeatNs = System.nanoTime();

    // Owned by the heartbeat thread.
    private long counter;

    private StreamLock(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String id,
            final String owner,
            final Item acquired,
            final int partitions,
            final long leaseMs,
            final Consumer<String> onLost) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.id = id;
        this.owner = owner;
        this.epoch = acquired.epoch;
        this.counter = acquired.counter;
        this.onLost = onLost;
        leaseNs = TimeUnit.MILLISECONDS.toNanos(leaseMs);
        required = parseSequences(acquired.sequences, partitions);
        reached = new AtomicLongArray(required);
    }

    /**
     * Takes the lock of a stream; blocks up to about a lease time if it is held.
     *
     * @param leaseMs how long a heartbeat may stand still before its owner is taken to be dead
     * @param onLost told the reason if the lock is lost later
     * @throws StreamLockedException if another process holds it and is alive
     */
    public static StreamLock acquire(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String stream,
            final int partitions,
            final long leaseMs,
            final Consumer<String> onLost)
            throws InterruptedException {
        final String id = "stream#" + stream;
        final String owner = ProcessHandle.current().pid() + "-" + UUID.randomUUID();
        final Item acquired = takeOver(dynamoDb, table, id, stream, owner, leaseMs);
        LOG.info("owner of stream {}: epoch={}, owner={}", stream, acquired.epoch, owner);
        final StreamLock lock =
                new StreamLock(dynamoDb, table, id, owner, acquired, partitions, leaseMs, onLost);
        final long intervalMs = Math.max(1, leaseMs / 4);
        // beat() catches what can go wrong with a heartbeat.
        final ScheduledFuture<?> _ = lock.heartbeats.scheduleWithFixedDelay(
                lock::beat, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
        return lock;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** Fails while the last heartbeat that was heard of is so old that another may have taken over. */
    @Override
    public CompletionStage<Boolean> confirm() {
        final long silentNs = System.nanoTime() - lastBeatNs;
        if (isHeld && silentNs > leaseNs * 3 / 4) {
            return CompletableFuture.failedFuture(new IllegalStateException("no heartbeat of " + id
                    + " was acknowledged for " + TimeUnit.NANOSECONDS.toMillis(silentNs) + " ms"));
        }
        return CompletableFuture.completedFuture(isHeld);
    }

    @Override
    public long requiredSequence(final int partition) {
        return required[partition];
    }

    @Override
    public void appended(final int partition, final long sequence) {
        reached.set(partition, sequence);
    }

    /** Everything that was taken is durable: {@link #close} may give the lock back at once. */
    public void setDrained() {
        isDrained = true;
    }

    /**
     * Ends the heartbeats, and gives the lock back if nothing is on its way into the log any more:
     * then the next process need not wait for the lease time. Otherwise the lease runs out.
     */
    @Override
    public void close() {
        heartbeats.shutdownNow();
        if (!isHeld || !isDrained) {
            return;
        }
        isHeld = false;
        try {
            update(
                            Map.of(
                                    ":me", text(owner),
                                    ":nobody", text(NOBODY),
                                    ":sequences", text(sequences())),
                            "SET #owner = :nobody, sequences = :sequences")
                    .get(RELEASE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final Exception e) {
            LOG.warn("lock {} not given back, it ends by itself: {}", id, e.toString());
        }
    }

    private static Item takeOver(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String id,
            final String stream,
            final String owner,
            final long leaseMs)
            throws InterruptedException {
        @Nullable Item seen = read(dynamoDb, table, id);
        final boolean isTaken = seen != null && !seen.owner.equals(NOBODY);
        final long deadlineNs =
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(isTaken ? leaseMs : 0);
        if (seen != null && isTaken) {
            LOG.info(
                    "stream {} is locked by {}: watching its heartbeat for {} ms",
                    stream,
                    seen.owner,
                    leaseMs);
        }
        while (seen != null && !seen.owner.equals(NOBODY) && System.nanoTime() < deadlineNs) {
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
            final Item now = read(dynamoDb, table, id);
            if (now != null && !now.owner.equals(NOBODY) && !now.equals(seen)) {
                throw new StreamLockedException(stream, now.owner);
            }
            seen = now;
        }
        final Item mine = seen == null
                ? new Item(owner, 0, 1, "")
                : new Item(owner, 0, seen.epoch + 1, seen.sequences);
        // A write that the SDK sent twice fails the second time although the first one landed.
        if (!write(dynamoDb, table, id, mine, seen) && !mine.equals(read(dynamoDb, table, id))) {
            throw new StreamLockedException(stream, "a process that started at the same time");
        }
        return mine;
    }

    private void beat() {
        final long next = counter + 1;
        final long beatNs = System.nanoTime();
        try {
            update(
                            Map.of(
                                    ":me", text(owner),
                                    ":epoch", number(epoch),
                                    ":next", number(next),
                                    ":sequences", text(sequences())),
                            "SET heartbeat = :next, epoch = :epoch, sequences = :sequences")
                    .join();
            counter = next;
            lastBeatNs = beatNs;
        } catch (final RuntimeException e) {
            if (e.getCause() instanceof ConditionalCheckFailedException) {
                isHeld = false;
                heartbeats.shutdown();
                onLost.accept("another process has taken the lock " + id + " from " + owner);
            } else {
                // Not lost yet: nobody else can have it before a whole lease time has passed.
                LOG.warn(
                        "heartbeat of {} failed, trying again: {}",
                        id,
                        String.valueOf(e.getCause()));
            }
        }
    }

    private CompletableFuture<?> update(
            final Map<String, AttributeValue> values, final String expression) {
        return dynamoDb.updateItem(request -> request.tableName(table)
                .key(Map.of(LedgerTable.KEY, text(id)))
                .overrideConfiguration(call -> call.apiCallTimeout(Duration.ofNanos(leaseNs / 2)))
                .updateExpression(expression)
                .conditionExpression("#owner = :me")
                .expressionAttributeNames(Map.of("#owner", "owner"))
                .expressionAttributeValues(values));
    }

    private static @Nullable Item read(
            final DynamoDbAsyncClient dynamoDb, final String table, final String id) {
        final Map<String, AttributeValue> item = dynamoDb.getItem(
                        request -> request.tableName(table)
                                .key(Map.of(LedgerTable.KEY, text(id)))
                                .consistentRead(true))
                .join()
                .item();
        if (item == null || item.isEmpty()) {
            return null;
        }
        return new Item(
                LedgerTable.text(item, "owner"),
                LedgerTable.number(item, "heartbeat"),
                LedgerTable.number(item, "epoch"),
                LedgerTable.text(item, "sequences"));
    }

    private static boolean write(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String id,
            final Item mine,
            final @Nullable Item seen) {
        try {
            dynamoDb.putItem(request -> {
                        request.tableName(table)
                                .item(Map.of(
                                        LedgerTable.KEY,
                                        text(id),
                                        "owner",
                                        text(mine.owner),
                                        "heartbeat",
                                        number(mine.counter),
                                        "epoch",
                                        number(mine.epoch),
                                        "sequences",
                                        text(mine.sequences)));
                        if (seen == null) {
                            request.conditionExpression("attribute_not_exists(#id)")
                                    .expressionAttributeNames(Map.of("#id", LedgerTable.KEY));
                        } else {
                            request.conditionExpression(
                                            "#owner = :owner AND heartbeat = :counter AND epoch ="
                                                    + " :epoch")
                                    .expressionAttributeNames(Map.of("#owner", "owner"))
                                    .expressionAttributeValues(Map.of(
                                            ":owner", text(seen.owner),
                                            ":counter", number(seen.counter),
                                            ":epoch", number(seen.epoch)));
                        }
                    })
                    .join();
            return true;
        } catch (final CompletionException e) {
            if (e.getCause() instanceof ConditionalCheckFailedException) {
                return false;
            }
            throw e;
        }
    }

    private static AttributeValue text(final String value) {
        return AttributeValue.fromS(value);
    }

    private static AttributeValue number(final long value) {
        return AttributeValue.fromN(Long.toString(value));
    }

    private String sequences() {
        final StringJoiner joined = new StringJoiner(",");
        for (int partition = 0; partition < reached.length(); partition++) {
            joined.add(Long.toString(reached.get(partition)));
        }
        return joined.toString();
    }

    private static long[] parseSequences(final String text, final int partitions) {
        final long[] sequences = new long[partitions];
        if (!text.isEmpty()) {
            final List<String> parts = List.of(text.split(",", -1));
            if (parts.size() != partitions) {
                throw new IllegalStateException(
                        "lock has sequences of " + parts.size() + " partitions, not " + partitions);
            }
            for (int partition = 0; partition < partitions; partition++) {
                sequences[partition] = Long.parseLong(parts.get(partition));
            }
        }
        return sequences;
    }

    /**
     * The item of a stream.
     *
     * @param sequences how far the log of each partition had come at the last heartbeat
     */
    private record Item(String owner, long counter, long epoch, String sequences) {}
}
