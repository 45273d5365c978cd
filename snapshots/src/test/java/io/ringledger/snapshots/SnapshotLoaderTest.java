package io.ringledger.snapshots;

import static io.ringledger.snapshots.Models.CONTEXT;
import static io.ringledger.snapshots.Models.PARTITION;
import static io.ringledger.snapshots.Models.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.Settings;
import io.ringledger.snapshots.SnapshotLoader.Refused;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Stores that fail, and addresses of stores. */
class SnapshotLoaderTest {
    /** A store in memory whose snapshots can be made to fail. */
    private static final class BrokenStore implements SnapshotStore {
        private final Map<SnapshotName, byte[]> snapshots =
                new TreeMap<>(SnapshotName.NEWEST_FIRST);
        private boolean isLossy;

        @Override
        public java.util.List<SnapshotName> list(final int partition) {
            return java.util.List.copyOf(snapshots.keySet());
        }

        @Override
        public Reading open(final SnapshotName name) {
            final byte[] bytes = snapshots.get(name);
            if (bytes == null || bytes.length == 0) {
                final IOException cause = new IOException("Input/output error");
                throw new SnapshotStoreException("cannot be read: " + cause, cause, bytes == null);
            }
            return new StreamReading(new java.io.ByteArrayInputStream(bytes), name.toString());
        }

        @Override
        public long write(final SnapshotName name, final Content content) {
            final java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            final long length = content.writeTo(out::write);
            final byte[] bytes = out.toByteArray();
            if (isLossy) {
                bytes[bytes.length / 2] ^= 4;
            }
            snapshots.put(name, bytes);
            return length;
        }

        @Override
        public void delete(final SnapshotName name) {
            snapshots.remove(name);
        }

        @Override
        public void deleteLeftovers() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldGoOnWhereASnapshotCannotBeReadAndSayThatItMayBeGood() {
        final BrokenStore store = new BrokenStore();
        final Models models = new Models().grow(5);
        new SnapshotKeeper(store, 2).write(models.header(), models.model());
        store.snapshots.put(new SnapshotName(PARTITION, 99, 7), new byte[0]);
        final SnapshotLoader.Found found =
                new SnapshotLoader(store).load(PARTITION, PARTITIONS, CONTEXT);
        assertThat(found.loaded()).isNotNull();
        assertThat(found.isInDoubt()).isTrue();
        assertThat(found.refused().getFirst().why()).isEqualTo(Refused.UNREADABLE);
        assertThat(found.refused().getFirst().message()).contains("Input/output error");
    }

    /** A store that loses bits must not cost the older snapshots. */
    @Test
    void shouldDeleteNothingAfterASnapshotThatDoesNotReadBack() {
        final BrokenStore store = new BrokenStore();
        final Models models = new Models();
        final SnapshotKeeper keeper = new SnapshotKeeper(store, 2);
        for (int i = 0; i < 2; i++) {
            keeper.write(models.grow(3).header(), models.model());
        }
        store.isLossy = true;
        for (int i = 0; i < 3; i++) {
            models.grow(3);
            assertThatThrownBy(() -> keeper.write(models.header(), models.model()))
                    .isInstanceOf(SnapshotStoreException.class)
                    .hasMessageContaining("did not read back as written");
        }
        assertThat(store.snapshots).hasSize(5);
        final SnapshotLoader.Found found =
                new SnapshotLoader(store).load(PARTITION, PARTITIONS, CONTEXT);
        assertThat(found.loaded()).isNotNull();
        assertThat(Models.loaded(found).header().sequence()).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/var/lib/ringledger",
                "http://bucket/prefix",
                "s3:///prefix",
                "file://host/folder",
                "file:folder",
                "s3://bucket/prefix?version=1",
                "s3://bucket/%zz"
            })
    void shouldRefuseAddressesThatNoStoreHas(final String address) {
        assertThatThrownBy(() -> settings(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RINGLEDGER_SNAPSHOT_STORE=" + address);
    }

    @Test
    void shouldHaveNoStoreUnlessOneIsSet() {
        assertThat(settings("").isConfigured()).isFalse();
        assertThat(settings("s3://bucket/prefix").isConfigured()).isTrue();
        assertThat(settings("s3://bucket").isConfigured()).isTrue();
    }

    private static SnapshotSettings settings(final String address) {
        return SnapshotSettings.from(Settings.read(
                Map.of("RINGLEDGER_SNAPSHOT_STORE", address), SnapshotSettings.SETTINGS));
    }
}
