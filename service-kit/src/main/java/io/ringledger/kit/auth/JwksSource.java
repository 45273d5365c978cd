package io.ringledger.kit.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The keys of tokens, read from a file or an address: again and again, and once more when a token
 * names a key that is not known, but not more often than the options say. While they cannot be read
 * those of before stay. Thread-safe; never blocks.
 */
final class JwksSource {
    private static final Logger LOG = LoggerFactory.getLogger(JwksSource.class);
    private static final int HTTP_OK = 200;

    /** How soon they are read again as long as there are none. */
    private static final int RETRY_MS = 1_000;

    private final Vertx vertx;
    private final AuthOptions options;
    private final Consumer<KeySet> onChange;
    private final Runnable onFailure;
    private final @Nullable HttpClient client;
    private volatile KeySet keys = KeySet.NONE;
    private volatile long readAtNs = System.nanoTime();

    // Under this object's lock.
    private @Nullable Future<KeySet> underWay;
    private long begunAtNs;

    /**
     * Begins to read the keys, and goes on until Vert.x is closed.
     *
     * @param onChange hears of other keys before anybody else sees them
     * @param onFailure hears of every time that they could not be read
     */
    JwksSource(
            final Vertx vertx,
            final AuthOptions options,
            final Consumer<KeySet> onChange,
            final Runnable onFailure) {
        this.vertx = vertx;
        this.options = options;
        this.onChange = onChange;
        this.onFailure = onFailure;
        client = "file".equalsIgnoreCase(options.jwks().getScheme())
                ? null
                : vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(options.jwksTimeoutMs())
                                .setVerifyHost(true)
                                .setTrustAll(false)
                                .setMaxHeaderSize(8_192)
                                .setDecompressionSupported(false),
                        new PoolOptions().setHttp1MaxSize(2).setMaxWaitQueueSize(2));
        begin();
        vertx.setPeriodic(Math.min(RETRY_MS, options.jwksRefreshMs()), id -> onTick());
    }

    /** The keys as they are now; {@link KeySet#NONE} until they could be read. */
    KeySet keys() {
        return keys;
    }

    /** How long ago the keys were read, in seconds. */
    double ageS() {
        return (System.nanoTime() - readAtNs) / 1e9;
    }

    /** Null if there are keys; else why not. */
    Future<@Nullable String> reasonNotReady() {
        return Future.succeededFuture(
                keys == KeySet.NONE ? "the keys of tokens could not be read yet" : null);
    }

    /** The keys after reading them again, or as they are if that was just done; never fails. */
    synchronized Future<KeySet> refresh() {
        final Future<KeySet> now = underWay;
        if (now != null) {
            return now;
        }
        final long sinceNs = System.nanoTime() - begunAtNs;
        final int minMs = keys == KeySet.NONE
                ? Math.min(RETRY_MS, options.jwksMinRefreshMs())
                : options.jwksMinRefreshMs();
        return sinceNs < TimeUnit.MILLISECONDS.toNanos(minMs)
                ? Future.succeededFuture(keys)
                : begin();
    }

    private synchronized void onTick() {
        final long sinceNs = System.nanoTime() - begunAtNs;
        if (keys == KeySet.NONE
                || sinceNs >= TimeUnit.MILLISECONDS.toNanos(options.jwksRefreshMs())) {
            begin();
        }
    }

    private synchronized Future<KeySet> begin() {
        final Future<KeySet> now = underWay;
        if (now != null) {
            return now;
        }
        begunAtNs = System.nanoTime();
        final Promise<KeySet> promise = Promise.promise();
        underWay = promise.future();
        fetch().map(JwksSource::parse)
                .timeout(options.jwksTimeoutMs(), TimeUnit.MILLISECONDS)
                .onComplete(read -> {
                    if (read.succeeded()) {
                        take(read.result());
                    } else {
                        onFailure.run();
                        LOG.warn(
                                "cannot read the keys of tokens, going on with those of before:"
                                        + " source={}, keys={}: {}",
                                options.jwks(),
                                keys.size(),
                                read.cause().toString());
                    }
                    synchronized (this) {
                        underWay = null;
                    }
                    promise.complete(keys);
                });
        return promise.future();
    }

    private void take(final KeySet read) {
        readAtNs = System.nanoTime();
        if (!read.isSameAs(keys)) {
            onChange.accept(read);
            keys = read;
            LOG.info("keys of tokens: source={}, keys={}", options.jwks(), read.size());
        }
    }

    private static KeySet parse(final Buffer json) {
        try {
            return KeySet.parse(json.toString());
        } catch (final ParseException e) {
            throw new IllegalArgumentException("not a key set: " + e.getMessage(), e);
        }
    }

    private Future<Buffer> fetch() {
        final HttpClient http = client;
        try {
            return http == null ? file() : address(http);
        } catch (final RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private Future<Buffer> file() {
        final String path = Path.of(options.jwks()).toString();
        return vertx.fileSystem()
                .props(path)
                .compose(properties -> properties.size() > options.jwksMaxBytes()
                        ? Future.failedFuture(tooLarge())
                        : vertx.fileSystem().readFile(path));
    }

    private Future<Buffer> address(final HttpClient http) {
        final RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(options.jwks().toString())
                .setFollowRedirects(false)
                .setTimeout(options.jwksTimeoutMs());
        return http.request(request)
                .compose(sent -> sent.send()
                        .compose(response -> body(sent, response))
                        .timeout(options.jwksTimeoutMs(), TimeUnit.MILLISECONDS)
                        .onFailure(e -> sent.reset()));
    }

    private Future<Buffer> body(final HttpClientRequest sent, final HttpClientResponse response) {
        final Promise<Buffer> whole = Promise.promise();
        response.exceptionHandler(whole::tryFail);
        if (response.statusCode() != HTTP_OK) {
            return Future.failedFuture(new IOException("status " + response.statusCode()));
        }
        final Buffer body = Buffer.buffer();
        response.endHandler(end -> whole.tryComplete(body));
        response.handler(piece -> {
            if (body.length() + piece.length() > options.jwksMaxBytes()) {
                whole.tryFail(tooLarge());
                sent.reset();
            } else {
                body.appendBuffer(piece);
            }
        });
        return whole.future();
    }

    private IOException tooLarge() {
        return new IOException("larger than " + options.jwksMaxBytes() + " bytes");
    }
}
