package io.ringledger.snapshots;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Snapshots as objects of a bucket, under a prefix. A snapshot goes up in parts under {@code tmp/}
 * and is then copied to its name inside S3: neither an upload that was cut off nor one whose copy
 * failed is ever listed. Holds one part in memory. Thread-safe, for several processes too.
 */
public final class S3SnapshotStore implements SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(S3SnapshotStore.class);
    private static final Duration LEFT_OVER = Duration.ofHours(6);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(3);
    private static final int MAX_CONNECTIONS = 32;

    /** What one CopyObject takes. */
    private static final long MAX_COPY_BYTES = 5L << 30;

    /** With the 10,000 parts that S3 takes: snapshots of up to 156 GiB. */
    private static final int PART_BYTES = 16 << 20;

    private final S3AsyncClient s3;
    private final String bucket;
    private final String prefix;
    private final int partBytes;
    private final long maxCopyBytes;

    /**
     * A store with a client of its own; region and credentials come the SDK's own way.
     *
     * @param prefix of the keys, empty or ending in a slash
     * @param endpoint another address than AWS's, or null
     */
    public S3SnapshotStore(final String bucket, final String prefix, final @Nullable URI endpoint) {
        this(client(endpoint), bucket, prefix, PART_BYTES, MAX_COPY_BYTES);
    }

    S3SnapshotStore(
            final S3AsyncClient s3,
            final String bucket,
            final String prefix,
            final int partBytes,
            final long maxCopyBytes) {
        this.s3 = s3;
        this.bucket = bucket;
        this.prefix = prefix;
        this.partBytes = partBytes;
        this.maxCopyBytes = maxCopyBytes;
    }

    static S3AsyncClient client(final @Nullable URI endpoint) {
        return S3AsyncClient.builder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP1_1)
                        .maxConcurrency(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT))
                .overrideConfiguration(
                        o -> o.apiCallTimeout(CALL_TIMEOUT).apiCallAttemptTimeout(ATTEMPT_TIMEOUT))
                .applyMutation(builder -> {
                    if (endpoint != null) {
                        // What is not AWS seldom has a name of its own for each bucket.
                        builder.endpointOverride(endpoint).forcePathStyle(true);
                    }
                })
                .build();
    }

    @Override
    public List<SnapshotName> list(final int partition) {
        return objects(prefix + SnapshotName.prefix(partition)).stream()
                .map(object -> SnapshotName.parse(object.key().substring(prefix.length())))
                .filter(Objects::nonNull)
                .sorted(SnapshotName.NEWEST_FIRST)
                .toList();
    }

    @Override
    public Reading open(final SnapshotName name) {
        final String key = prefix + name;
        return new StreamReading(
                await(
                        key + " cannot be opened",
                        s3.getObject(
                                get -> get.bucket(bucket).key(key),
                                AsyncResponseTransformer.toBlockingInputStream())),
                this + name.toString());
    }

    @Override
    public long write(final SnapshotName name, final Content content) {
        final String temporary = prefix + "tmp/" + name + "." + UUID.randomUUID();
        final long length;
        try (S3Upload upload = new S3Upload(this, s3, bucket, temporary, partBytes)) {
            length = content.writeTo(upload);
            upload.complete();
        }
        try {
            Failpoints.before(Failpoint.SNAPSHOT_WRITTEN);
            copy(temporary, prefix + name, length);
            Failpoints.after(Failpoint.SNAPSHOT_WRITTEN);
        } finally {
            deleteQuietly(temporary);
        }
        return length;
    }

    private void copy(final String from, final String to, final long length) {
        if (length <= maxCopyBytes) {
            await(
                    to + " cannot be made visible",
                    s3.copyObject(copy -> copy.sourceBucket(bucket)
                            .sourceKey(from)
                            .destinationBucket(bucket)
                            .destinationKey(to)));
        } else {
            copyInParts(from, to, length);
        }
    }

    private void copyInParts(final String from, final String to, final long length) {
        final String what = to + " cannot be made visible";
        final String upload = await(
                        what,
                        s3.createMultipartUpload(create -> create.bucket(bucket).key(to)))
                .uploadId();
        final List<CompletedPart> parts = new ArrayList<>();
        try {
            for (long at = 0; at < length; at += maxCopyBytes) {
                final String range =
                        "bytes=" + at + "-" + (Math.min(length, at + maxCopyBytes) - 1);
                final int number = parts.size() + 1;
                final String tag = await(
                                what,
                                s3.uploadPartCopy(part -> part.sourceBucket(bucket)
                                        .sourceKey(from)
                                        .destinationBucket(bucket)
                                        .destinationKey(to)
                                        .uploadId(upload)
                                        .partNumber(number)
                                        .copySourceRange(range)))
                        .copyPartResult()
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            await(
                    what,
                    s3.completeMultipartUpload(complete -> complete.bucket(bucket)
                            .key(to)
                            .uploadId(upload)
                            .multipartUpload(all -> all.parts(parts))));
        } catch (final SnapshotStoreException e) {
            abort(to, upload);
            throw e;
        }
    }

    @Override
    public void delete(final SnapshotName name) {
        final String key = prefix + name;
        await(
                key + " cannot be deleted",
                s3.deleteObject(delete -> delete.bucket(bucket).key(key)));
    }

    @Override
    public void deleteLeftovers() {
        final Instant before = Instant.now().minus(LEFT_OVER);
        for (final S3Object object : objects(prefix + "tmp/")) {
            if (object.lastModified().isBefore(before)) {
                LOG.info("snapshot store {}: left over: {}", this, object.key());
                deleteQuietly(object.key());
            }
        }
    }

    @Override
    public void close() {
        s3.close();
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + prefix;
    }

    private List<S3Object> objects(final String from) {
        final List<S3Object> objects = new ArrayList<>();
        String token = null;
        do {
            final ListObjectsV2Request request = ListObjectsV2Request.builder()
                    .bucket(bucket)
                    .prefix(from)
                    .continuationToken(token)
                    .build();
            final ListObjectsV2Response page =
                    await(from + " cannot be listed", s3.listObjectsV2(request));
            objects.addAll(page.contents());
            token = page.nextContinuationToken();
        } while (token != null);
        return objects;
    }

    void abort(final String key, final String upload) {
        try {
            await(
                    key + " cannot be given up",
                    s3.abortMultipartUpload(
                            abort -> abort.bucket(bucket).key(key).uploadId(upload)));
        } catch (final SnapshotStoreException e) {
            LOG.warn("{}; its parts stay until a rule of the bucket removes them", e.getMessage());
        }
    }

    private void deleteQuietly(final String key) {
        try {
            await(
                    key + " cannot be deleted",
                    s3.deleteObject(delete -> delete.bucket(bucket).key(key)));
        } catch (final SnapshotStoreException e) {
            LOG.warn("{}; it is left over", e.getMessage());
        }
    }

    <T> T await(final String what, final CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (final CompletionException e) {
            final Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SnapshotStoreException(
                    "snapshot store " + this + ": " + what + ": " + cause,
                    cause,
                    cause instanceof NoSuchKeyException);
        }
    }
}
