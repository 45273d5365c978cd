package io.ringledger.snapshots;

import io.ringledger.model.snapshot.ByteSink;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompletedPart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One object on its way up, a part at a time: the object is there once {@link #complete} returns,
 * and never if it is closed before. What fits into one part is a single put. Not thread-safe.
 */
final class S3Upload implements ByteSink, AutoCloseable {
    private final S3SnapshotStore store;
    private final S3AsyncClient s3;
    private final String bucket;
    private final String key;
    private final byte[] part;
    private final List<CompletedPart> parts = new ArrayList<>();
    private int length;
    private @Nullable String upload;
    private boolean completed;

    S3Upload(
            final S3SnapshotStore store,
            final S3AsyncClient s3,
            final String bucket,
            final String key,
            final int partBytes) {
        this.store = store;
        this.s3 = s3;
        this.bucket = bucket;
        this.key = key;
        part = new byte[partBytes];
    }

    @Override
    public void write(final byte[] bytes, final int offset, final int count) {
        int at = offset;
        int left = count;
        while (left > 0) {
            if (length == part.length) {
                sendPart();
            }
            final int taken = Math.min(left, part.length - length);
            System.arraycopy(bytes, at, part, length, taken);
            length += taken;
            at += taken;
            left -= taken;
        }
    }

    /** The object is there from now on. */
    void complete() {
        if (upload == null) {
            store.await(what(), s3.putObject(put -> put.bucket(bucket).key(key), body()));
        } else {
            sendPart();
            store.await(
                    what(),
                    s3.completeMultipartUpload(complete -> complete.bucket(bucket)
                            .key(key)
                            .uploadId(upload)
                            .multipartUpload(all -> all.parts(parts))));
        }
        completed = true;
    }

    @Override
    public void close() {
        if (!completed && upload != null) {
            store.abort(key, upload);
        }
    }

    private void sendPart() {
        if (upload == null) {
            upload = store.await(
                            what(),
                            s3.createMultipartUpload(
                                    create -> create.bucket(bucket).key(key)))
                    .uploadId();
        }
        final int number = parts.size() + 1;
        final String tag = store.await(
                        what(),
                        s3.uploadPart(
                                send -> send.bucket(bucket)
                                        .key(key)
                                        .uploadId(upload)
                                        .partNumber(number),
                                body()))
                .eTag();
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
        length = 0;
    }

    /** The part is filled again only once the call has ended, so it need not be copied. */
    private AsyncRequestBody body() {
        return AsyncRequestBody.fromBytesUnsafe(
                length == part.length ? part : Arrays.copyOf(part, length));
    }

    private String what() {
        return key + " cannot be written";
    }
}
