package io.ringledger.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.S3Object;

import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.UUID;

/** With small parts, so that the contract's larger objects go up, and are copied, in several. */
class S3SnapshotStoreTest extends SnapshotStoreContract {
    private static final int PART_BYTES = 5 << 20;

    private static S3Local s3Local;
    private static S3AsyncClient s3;

    private final String prefix = "ledger-" + UUID.randomUUID() + "/";

    @BeforeAll
    static void start() throws Exception {
        s3Local = S3Local.start();
        s3 = S3SnapshotStore.client(s3Local.endpoint());
    }

    @AfterAll
    static void stop() throws Exception {
        s3.close();
        s3Local.close();
    }

    @Override
    SnapshotStore newStore() {
        return new S3SnapshotStore(
                S3SnapshotStore.client(s3Local.endpoint()),
                S3Local.BUCKET,
                prefix,
                PART_BYTES,
                2L * PART_BYTES);
    }

    @Override
    List<String> everything() {
        return s3
                .listObjectsV2(list -> list.bucket(S3Local.BUCKET).prefix(prefix))
                .join()
                .contents()
                .stream()
                .map(S3Object::key)
                .toList();
    }

    private List<?> uploads() {
        return s3.listMultipartUploads(list -> list.bucket(S3Local.BUCKET).prefix(prefix))
                .join()
                .uploads();
    }

    /** Eleven megabytes: three parts up, and a copy in two. */
    @Test
    void shouldWriteALargeOneInParts() throws Exception {
        final byte[] bytes = new byte[1 << 20];
        new java.util.Random(2).nextBytes(bytes);
        final SnapshotName name = new SnapshotName(1, 2, 3);
        try (SnapshotStore store = newStore()) {
            store.write(name, sink -> {
                for (int i = 0; i < 11; i++) {
                    bytes[0] = (byte) i;
                    sink.write(bytes, 0, bytes.length);
                }
                return 11L << 20;
            });
            final byte[] back = new byte[12 << 20];
            int length = 0;
            try (SnapshotStore.Reading reading = store.open(name)) {
                for (int n = reading.read(back, 0, back.length);
                        n > 0;
                        n = reading.read(back, length, back.length - length)) {
                    length += n;
                }
            }
            assertThat(length).isEqualTo(11 << 20);
            for (int i = 0; i < 11; i++) {
                bytes[0] = (byte) i;
                assertThat(java.util.Arrays.equals(
                                back, i << 20, (i + 1) << 20, bytes, 0, bytes.length))
                        .isTrue();
            }
        }
        assertThat(everything()).containsExactly(prefix + name);
        assertThat(uploads()).isEmpty();
    }

    @Test
    void shouldLeaveNoUploadOfAWriteThatFails() {
        try (SnapshotStore store = newStore()) {
            assertThatThrownBy(() -> store.write(new SnapshotName(1, 2, 3), sink -> {
                        sink.write(new byte[6 << 20], 0, 6 << 20);
                        assertThat(uploads()).hasSize(1);
                        throw new IllegalStateException("died in the middle");
                    }))
                    .hasMessage("died in the middle");
        }
        assertThat(uploads()).isEmpty();
        assertThat(everything()).isEmpty();
    }

    @Test
    void shouldSayThatS3IsAway() throws Exception {
        final int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        try (SnapshotStore store =
                new S3SnapshotStore("bucket", "prefix/", URI.create("http://127.0.0.1:" + port))) {
            assertThatThrownBy(() -> store.list(1))
                    .isInstanceOf(SnapshotStoreException.class)
                    .hasMessageContaining("s3://bucket/prefix/")
                    .hasMessageContaining("cannot be listed");
            assertThatThrownBy(() -> store.write(new SnapshotName(1, 1, 1), sink -> 0))
                    .isInstanceOfSatisfying(
                            SnapshotStoreException.class,
                            e -> assertThat(e.isMissing()).isFalse());
        }
    }

    @Test
    void shouldBeOpenedByItsAddress() {
        final URI address = URI.create("s3://" + S3Local.BUCKET + "/" + prefix);
        try (SnapshotStore store = new SnapshotSettings(address, s3Local.endpoint()).open()) {
            assertThat(store).hasToString(address.toString());
            store.write(new SnapshotName(1, 1, 1), sink -> {
                sink.write(new byte[10], 0, 10);
                return 10;
            });
            assertThat(everything()).containsExactly(prefix + new SnapshotName(1, 1, 1));
        }
    }
}
