package io.ringledger.benchmarks.stub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;

import io.ringledger.kit.Lifecycle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that speaks as much of Kinesis as the write side calls, over HTTP/1.1, in JSON or CBOR as
 * the SDK likes, on a free loopback port and one event loop of its own. PutRecord is answered after
 * a set delay and not before; every record is kept, so that what was acknowledged can be checked.
 *
 * <p>Appends of one shard happen in the order in which their delays end, which is the order of their
 * requests. {@code SequenceNumberForOrdering} is only checked to be of a record that is there.
 *
 * <p>Thread-safe. {@link #start} and {@link #close} block.
 */
public final class LogStub implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long LIMIT_MS = 10_000;
    private static final int MAX_BODY_BYTES = 4 << 20;
    private static final int BAD_REQUEST = 400;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());

    private final Vertx vertx;
    private final StubStream stream;
    private final int delayMs;
    private final boolean hasShardLimits;
    private final HttpServer server;
    private final AtomicInteger throttled = new AtomicInteger();

    private LogStub(final StubOptions options) throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        stream = new StubStream(options, System.nanoTime());
        delayMs = options.delayMs();
        hasShardLimits = options.shardBytesPerSecond() > 0;
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(LOOPBACK)
                        .setPort(0)
                        .setHttp2ClearTextEnabled(false)
                        .setIdleTimeout(60)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS))
                .requestHandler(this::onRequest);
    }

    /** Starts a log without records; it listens when this returns. */
    public static LogStub start(final StubOptions options) throws Exception {
        final LogStub stub = new LogStub(options);
        try {
            Lifecycle.await(stub.server.listen(), LIMIT_MS);
            return stub;
        } catch (final Exception e) {
            stub.close();
            throw e;
        }
    }

    /** Where an SDK client finds it, for {@code endpointOverride}. */
    public URI endpoint() {
        return URI.create("http://" + LOOPBACK + ":" + server.actualPort());
    }

    /** Number of shards. */
    public int shards() {
        return stream.shards().size();
    }

    /** Records of a shard. */
    public int count(final int shard) {
        return stream.shards().get(shard).count();
    }

    /** The records of a shard from an index on, as they were put; nobody changes them. */
    public List<byte[]> records(final int shard, final int from) {
        return stream.shards().get(shard).read(from, Integer.MAX_VALUE).stream()
                .map(StubShard.Stored::data)
                .toList();
    }

    /** How many PutRecords were refused for a shard's limits. */
    public int throttled() {
        return throttled.get();
    }

    /** Ends it and forgets all records. */
    @Override
    public void close() {
        try {
            Lifecycle.await(vertx.close(), LIMIT_MS);
        } catch (final Exception e) {
            throw new IllegalStateException("log stub did not stop: " + e.getMessage(), e);
        }
    }

    private void onRequest(final HttpServerRequest request) {
        // A client that has given up is no fault of ours.
        request.response().exceptionHandler(gone -> {});
        final String target = request.getHeader("X-Amz-Target");
        final String action = target == null ? "" : target.substring(target.lastIndexOf('.') + 1);
        final String type = request.getHeader("Content-Type");
        final Exchange exchange = new Exchange(request, type != null && type.contains("cbor"));
        request.body().onSuccess(body -> {
            try {
                if (body.length() > MAX_BODY_BYTES) {
                    throw StubException.invalid("body too long: length=" + body.length());
                }
                answer(exchange, action, exchange.mapper().readTree(body.getBytes()));
            } catch (final StubException e) {
                exchange.fail(e);
            } catch (final IOException e) {
                exchange.fail(StubException.invalid("cannot read the body: " + e.getMessage()));
            }
        });
    }

    private void answer(final Exchange exchange, final String action, final JsonNode body) {
        switch (action) {
            case "PutRecord" -> putRecord(exchange, body);
            case "GetRecords" -> exchange.send(stream.getRecords(body, exchange.isCbor()));
            case "GetShardIterator" -> exchange.send(stream.getShardIterator(body));
            case "ListShards" -> exchange.send(stream.listShards(body));
            case "DescribeStreamSummary" -> exchange.send(stream.describeSummary(body));
            default ->
                exchange.fail(new StubException(
                        "UnknownOperationException", "not an action of the stub: " + action));
        }
    }

    private void putRecord(final Exchange exchange, final JsonNode body) {
        final StubShard shard = stream.shardFor(body);
        final StubShard.Stored record = stream.record(body);
        final int size = record.data().length + record.partitionKey().length();
        if (hasShardLimits && !shard.limit().tryTake(size, System.nanoTime())) {
            throttled.incrementAndGet();
            exchange.fail(new StubException(
                    "ProvisionedThroughputExceededException",
                    "Rate exceeded for shard " + shard.id()));
        } else if (delayMs == 0) {
            exchange.send(StubStream.stored(shard, record));
        } else {
            vertx.setTimer(delayMs, fired -> exchange.send(StubStream.stored(shard, record)));
        }
    }

    /** A request on its way to its answer. */
    private record Exchange(HttpServerRequest request, boolean isCbor) {
        ObjectMapper mapper() {
            return isCbor ? CBOR : JSON;
        }

        void send(final ObjectNode answer) {
            if (request.response().closed()) {
                return;
            }
            try {
                request.response()
                        .putHeader("x-amzn-RequestId", "log-stub")
                        .putHeader(
                                "Content-Type",
                                isCbor
                                        ? "application/x-amz-cbor-1.1"
                                        : "application/x-amz-json-1.1")
                        .end(Buffer.buffer(mapper().writeValueAsBytes(answer)));
            } catch (final JsonProcessingException e) {
                throw new IllegalStateException("cannot write an answer", e);
            }
        }

        void fail(final StubException failure) {
            request.response()
                    .setStatusCode(BAD_REQUEST)
                    .putHeader("x-amzn-ErrorType", failure.type());
            send(JSON.createObjectNode()
                    .put("__type", failure.type())
                    .put("message", failure.getMessage()));
        }
    }
}
