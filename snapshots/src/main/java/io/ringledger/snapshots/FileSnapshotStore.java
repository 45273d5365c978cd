package io.ringledger.snapshots;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Snapshots as files of one folder. A snapshot is written to a temporary file, which is forced to
 * the disk before it gets its name, and the folder after: a power cut leaves the whole of it or
 * nothing. Thread-safe, for several processes too.
 */
public final class FileSnapshotStore implements SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileSnapshotStore.class);
    private static final String TEMPORARY = ".tmp";
    private static final Duration LEFT_OVER = Duration.ofHours(6);
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path folder;

    /** A store in a folder, which is made if it is missing. */
    public FileSnapshotStore(final Path folder) {
        this.folder = folder.toAbsolutePath();
        try {
            Files.createDirectories(this.folder);
        } catch (final IOException e) {
            throw failed("cannot be made", e);
        }
    }

    @Override
    public List<SnapshotName> list(final int partition) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> SnapshotName.parse(file.getFileName().toString()))
                    .filter(Objects::nonNull)
                    .filter(name -> name.partition() == partition)
                    .sorted(SnapshotName.NEWEST_FIRST)
                    .toList();
        } catch (final IOException | UncheckedIOException e) {
            throw failed("cannot be listed", e);
        }
    }

    @Override
    public Reading open(final SnapshotName name) {
        try {
            final InputStream in = Files.newInputStream(folder.resolve(name.toString()));
            return new StreamReading(in, this + "/" + name);
        } catch (final NoSuchFileException e) {
            throw new SnapshotStoreException(this + ": " + name + " has gone", e, true);
        } catch (final IOException e) {
            throw failed(name + " cannot be opened", e);
        }
    }

    @Override
    public long write(final SnapshotName name, final Content content) {
        final Path temporary = folder.resolve(name + "." + UUID.randomUUID() + TEMPORARY);
        try {
            final long length = writeTemporary(temporary, content);
            Failpoints.before(Failpoint.SNAPSHOT_WRITTEN);
            Files.move(
                    temporary,
                    folder.resolve(name.toString()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            forceFolder();
            Failpoints.after(Failpoint.SNAPSHOT_WRITTEN);
            return length;
        } catch (final IOException | UncheckedIOException e) {
            throw failed(name + " cannot be written", e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    private static long writeTemporary(final Path temporary, final Content content)
            throws IOException {
        try (FileChannel channel = FileChannel.open(
                        temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out =
                        new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
            final long length = content.writeTo((bytes, offset, count) -> {
                try {
                    out.write(bytes, offset, count);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            out.flush();
            channel.force(true);
            return length;
        }
    }

    /** The new name is on the disk only once the folder is. */
    private void forceFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void delete(final SnapshotName name) {
        try {
            Files.deleteIfExists(folder.resolve(name.toString()));
        } catch (final IOException e) {
            throw failed(name + " cannot be deleted", e);
        }
    }

    @Override
    public void deleteLeftovers() {
        final Instant before = Instant.now().minus(LEFT_OVER);
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file :
                    files.filter(f -> f.toString().endsWith(TEMPORARY)).toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    LOG.info("snapshot store {}: left over: {}", this, file.getFileName());
                    Files.deleteIfExists(file);
                }
            }
        } catch (final NoSuchFileException e) {
            LOG.debug("snapshot store {}: gone meanwhile: {}", this, e.getMessage());
        } catch (final IOException e) {
            throw failed("leftovers cannot be deleted", e);
        }
    }

    @Override
    public void close() {
        // Holds nothing.
    }

    @Override
    public String toString() {
        return folder.toUri().toString();
    }

    private void deleteQuietly(final Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (final IOException e) {
            LOG.warn("snapshot store {}: {} is left over: {}", this, file.getFileName(), e + "");
        }
    }

    private SnapshotStoreException failed(final String what, final Exception cause) {
        return new SnapshotStoreException(
                "snapshot store " + this + ": " + what + ": " + cause, cause);
    }
}
