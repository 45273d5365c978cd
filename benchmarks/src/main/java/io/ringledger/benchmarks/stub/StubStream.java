package io.ringledger.benchmarks.stub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** The one stream of a stub: what each action answers. Thread-safe, as its shards are. */
final class StubStream {
    private static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);
    private static final int MAX_RECORDS = 10_000;
    private static final int RETENTION_HOURS = 24;

    /** Kinesis gives at most 10 MB a call; a page is cut at half of that. */
    private static final int MAX_PAGE_BYTES = 5_000_000;

    private final String name;
    private final List<StubShard> shards;

    StubStream(final StubOptions options, final long nowNs) {
        name = options.stream();
        final int count = options.shards();
        final List<StubShard> made = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            made.add(new StubShard(
                    number,
                    boundary(number, count),
                    boundary(number + 1, count).subtract(BigInteger.ONE),
                    new ShardLimit(options.shardBytesPerSecond(), nowNs)));
        }
        shards = List.copyOf(made);
    }

    private static BigInteger boundary(final int number, final int count) {
        return HASH_KEYS.multiply(BigInteger.valueOf(number)).divide(BigInteger.valueOf(count));
    }

    List<StubShard> shards() {
        return shards;
    }

    /** The shard that a PutRecord goes to. */
    StubShard shardFor(final JsonNode request) {
        requireStream(request);
        final BigInteger key = request.hasNonNull("ExplicitHashKey")
                ? new BigInteger(request.get("ExplicitHashKey").asText())
                : hashOf(text(request, "PartitionKey"));
        final StubShard shard = shards.stream()
                .filter(candidate -> candidate.covers(key))
                .findFirst()
                .orElseThrow(() -> StubException.invalid("no hash key: " + key));
        if (request.hasNonNull("SequenceNumberForOrdering")) {
            requireKnown(shard, request.get("SequenceNumberForOrdering").asText());
        }
        return shard;
    }

    /** The record of a PutRecord. */
    StubShard.Stored record(final JsonNode request) {
        try {
            return new StubShard.Stored(
                    text(request, "PartitionKey"),
                    // JSON has it in Base64, CBOR as it is.
                    request.path("Data").binaryValue(),
                    System.currentTimeMillis());
        } catch (final IOException e) {
            throw StubException.invalid("no Data: " + e.getMessage());
        }
    }

    /** Keeps a record, and says so. */
    static ObjectNode stored(final StubShard shard, final StubShard.Stored record) {
        return object().put("ShardId", shard.id())
                .put("SequenceNumber", shard.add(record))
                .put("EncryptionType", "NONE");
    }

    ObjectNode listShards(final JsonNode request) {
        requireStream(request);
        final ObjectNode answer = object();
        final ArrayNode list = answer.putArray("Shards");
        for (final StubShard shard : shards) {
            final ObjectNode item = list.addObject().put("ShardId", shard.id());
            item.putObject("HashKeyRange")
                    .put("StartingHashKey", shard.firstHashKey().toString())
                    .put("EndingHashKey", shard.lastHashKey().toString());
            item.putObject("SequenceNumberRange")
                    .put("StartingSequenceNumber", StubShard.sequenceNumber(0));
        }
        return answer;
    }

    ObjectNode describeSummary(final JsonNode request) {
        requireStream(request);
        final ObjectNode answer = object();
        answer.putObject("StreamDescriptionSummary")
                .put("StreamName", name)
                .put("StreamARN", "arn:aws:kinesis:us-east-1:000000000000:stream/" + name)
                .put("StreamStatus", "ACTIVE")
                .put("RetentionPeriodHours", RETENTION_HOURS)
                .put("OpenShardCount", shards.size());
        return answer;
    }

    ObjectNode getShardIterator(final JsonNode request) {
        requireStream(request);
        final StubShard shard = shard(text(request, "ShardId"));
        final String type = text(request, "ShardIteratorType");
        final int from = switch (type) {
            case "TRIM_HORIZON" -> 0;
            case "LATEST" -> shard.count();
            case "AT_SEQUENCE_NUMBER" ->
                requireKnown(shard, text(request, "StartingSequenceNumber"));
            case "AFTER_SEQUENCE_NUMBER" ->
                requireKnown(shard, text(request, "StartingSequenceNumber")) + 1;
            default -> throw StubException.invalid("iterator of another type: " + type);
        };
        return object().put("ShardIterator", shard.id() + ":" + from);
    }

    /**
     * The next records.
     *
     * @param isCbor whether times are whole milliseconds, or seconds with a fraction
     */
    ObjectNode getRecords(final JsonNode request, final boolean isCbor) {
        final String iterator = text(request, "ShardIterator");
        final int colon = iterator.indexOf(':');
        if (colon < 0) {
            throw StubException.invalid("no iterator: " + iterator);
        }
        final StubShard shard = shard(iterator.substring(0, colon));
        final int from = Integer.parseInt(iterator.substring(colon + 1));
        final int limit = Math.min(MAX_RECORDS, request.path("Limit").asInt(MAX_RECORDS));
        final ObjectNode answer = object();
        final ArrayNode list = answer.putArray("Records");
        int index = from;
        int bytes = 0;
        for (final StubShard.Stored record : shard.read(from, limit)) {
            bytes += record.data().length;
            if (bytes > MAX_PAGE_BYTES && index > from) {
                break;
            }
            final ObjectNode item = list.addObject()
                    .put("SequenceNumber", StubShard.sequenceNumber(index))
                    .put("PartitionKey", record.partitionKey())
                    .put("Data", record.data());
            if (isCbor) {
                item.put("ApproximateArrivalTimestamp", record.arrivedMs());
            } else {
                item.put("ApproximateArrivalTimestamp", record.arrivedMs() / 1_000.0);
            }
            index++;
        }
        return answer.put("NextShardIterator", shard.id() + ":" + index)
                .put("MillisBehindLatest", index < shard.count() ? 1L : 0L);
    }

    private StubShard shard(final String id) {
        return shards.stream()
                .filter(shard -> shard.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () -> new StubException("ResourceNotFoundException", "no shard " + id));
    }

    private static int requireKnown(final StubShard shard, final String sequenceNumber) {
        final int index;
        try {
            index = StubShard.indexOf(sequenceNumber);
        } catch (final IllegalArgumentException | ArithmeticException e) {
            throw StubException.invalid(String.valueOf(e.getMessage()));
        }
        if (index < 0 || index >= shard.count()) {
            throw StubException.invalid("not a record of " + shard.id() + ": " + sequenceNumber);
        }
        return index;
    }

    private void requireStream(final JsonNode request) {
        final String asked = text(request, "StreamName");
        if (!asked.equals(name)) {
            throw new StubException("ResourceNotFoundException", "no stream " + asked);
        }
    }

    private static String text(final JsonNode request, final String field) {
        if (!request.path(field).isTextual()) {
            throw StubException.invalid("missing: " + field);
        }
        return request.get(field).asText();
    }

    private static BigInteger hashOf(final String partitionKey) {
        try {
            return new BigInteger(
                    1,
                    MessageDigest.getInstance("MD5")
                            .digest(partitionKey.getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("no MD5 here", e);
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
