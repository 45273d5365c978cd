package io.ringledger.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

class FileSnapshotStoreTest extends SnapshotStoreContract {
    @TempDir
    private Path folder;

    @Override
    SnapshotStore newStore() {
        return new FileSnapshotStore(folder.resolve("a/b"));
    }

    @Override
    List<String> everything() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("a/b"))) {
            return files.map(Path::toString).toList();
        }
    }

    /** /dev/full is a disk without room: the folder's names lead there. */
    @Test
    void shouldSayThatTheDiskIsFull() throws IOException {
        final Path device = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(device));
        try (java.io.OutputStream full = Files.newOutputStream(device)) {
            assertThatThrownBy(() -> full.write(new byte[1 << 20])).isInstanceOf(IOException.class);
        }
        final SnapshotStore store = newStore();
        assertThatThrownBy(() -> store.write(new SnapshotName(1, 1, 1), sink -> {
                    try (java.io.OutputStream full = Files.newOutputStream(device)) {
                        full.write(1);
                    } catch (final IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    return 1;
                }))
                .isInstanceOf(SnapshotStoreException.class)
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("No space left on device");
        assertThat(everything()).isEmpty();
    }

    @Test
    void shouldSayThatTheFolderHasGone() throws IOException {
        final SnapshotStore store = newStore();
        Files.delete(folder.resolve("a/b"));
        assertThatThrownBy(() -> store.list(1))
                .isInstanceOf(SnapshotStoreException.class)
                .hasMessageContaining("cannot be listed");
        assertThatThrownBy(() -> store.write(new SnapshotName(1, 1, 1), sink -> 0))
                .isInstanceOf(SnapshotStoreException.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void shouldDeleteWhatDeadWritersLeftLongAgo() throws IOException {
        final SnapshotStore store = newStore();
        final Path old = folder.resolve("a/b/" + new SnapshotName(1, 1, 1) + ".x.tmp");
        final Path fresh = folder.resolve("a/b/" + new SnapshotName(1, 2, 1) + ".y.tmp");
        Files.write(old, new byte[10]);
        Files.write(fresh, new byte[10]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        assertThat(store.list(1)).isEmpty();
        store.deleteLeftovers();
        assertThat(everything()).containsExactly(fresh.toString());
    }

    @Test
    void shouldBeOpenedByItsAddress() {
        final URI address = folder.resolve("by address").toUri();
        try (SnapshotStore store = new SnapshotSettings(address, null).open()) {
            assertThat(store).isInstanceOf(FileSnapshotStore.class);
            assertThat(folder.resolve("by address")).isDirectory();
        }
    }
}
