package io.ringledger.verifier;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An export: the records of a log in one file, as they are. Big endian:
 *
 * <pre>
 * magic        4 bytes  "RLX1"
 * partitions   4 bytes
 * then records, each partition's in their order:
 * partition    4 bytes  whose reading gave it
 * shard id     2 bytes of length, ASCII
 * name         2 bytes of length, ASCII: the log's own sequence number
 * length       4 bytes
 * data
 * then the end:
 * -1           4 bytes
 * records      8 bytes  how many there are
 * </pre>
 */
final class ExportFile implements LogSource {
    private static final int MAGIC = 'R' << 24 | 'L' << 16 | 'X' << 8 | '1';
    private static final int END = -1;
    private static final int MAX_RECORD_BYTES = 10 << 20;

    private final Path file;
    private final int partitions;

    private ExportFile(final Path file, final int partitions) {
        this.file = file;
        this.partitions = partitions;
    }

    /**
     * An export that is to be read.
     *
     * @throws BadInputException if it is none
     */
    static ExportFile open(final Path file) {
        try (DataInputStream in = input(file)) {
            return new ExportFile(file, in.readInt());
        } catch (final EOFException e) {
            throw new BadInputException(file + " is no export of a log: it is too short", e);
        } catch (final NoSuchFileException e) {
            throw new BadInputException("there is no file " + file, e);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Partitions of the ledger. */
    int partitions() {
        return partitions;
    }

    @Override
    public void read(final int partition, final @Nullable LogPosition from, final Sink sink) {
        boolean isBegun = from == null;
        long records = 0;
        try (DataInputStream in = input(file)) {
            in.readInt();
            for (int of = in.readInt(); of != END; of = in.readInt()) {
                final LogRecord record = record(in, records);
                records++;
                if (of == partition) {
                    isBegun |= record.position().equals(from);
                    if (isBegun) {
                        sink.record(record);
                    }
                }
            }
            final long expected = in.readLong();
            if (expected != records) {
                throw new BadInputException(
                        file + ": the end names " + expected + " records, found " + records);
            }
        } catch (final EOFException e) {
            throw new BadInputException(
                    file + ": torn: it ends in or after record " + records
                            + ", without its end; the copy is not whole, export the log again",
                    e);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!isBegun) {
            throw new Difference(file + ": partition " + partition + " has no record " + from);
        }
    }

    private LogRecord record(final DataInputStream in, final long index) throws IOException {
        final String shardId = in.readUTF();
        final String name = in.readUTF();
        final int length = in.readInt();
        if (length < 0 || length > MAX_RECORD_BYTES) {
            throw new BadInputException(
                    file + ": record " + index + " has an impossible length: " + length);
        }
        final byte[] data = in.readNBytes(length);
        if (data.length < length) {
            throw new EOFException();
        }
        return new LogRecord(data, new LogPosition(shardId, name));
    }

    private static DataInputStream input(final Path file) throws IOException {
        final DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
        try {
            if (in.readInt() != MAGIC) {
                throw new BadInputException(file + " is no export of a log");
            }
            return in;
        } catch (final IOException | BadInputException e) {
            in.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return "export " + file;
    }

    /** Writes an export; without {@link #end} it counts as torn. Not thread-safe. */
    static final class Writer implements AutoCloseable {
        private final DataOutputStream out;
        private long records;

        /** A new file; one that is there is not overwritten. */
        Writer(final Path file, final int partitions) {
            try {
                out = new DataOutputStream(new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)));
                out.writeInt(MAGIC);
                out.writeInt(partitions);
            } catch (final FileAlreadyExistsException e) {
                throw new BadInputException(
                        file + " is there already; an export does not overwrite a file", e);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void add(final int partition, final LogRecord record) {
            try {
                out.writeInt(partition);
                out.writeUTF(record.position().shardId());
                out.writeUTF(record.position().sequenceNumber());
                out.writeInt(record.data().length);
                out.write(record.data());
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
            records++;
        }

        /** Everything is in. */
        void end() {
            try {
                out.writeInt(END);
                out.writeLong(records);
                out.flush();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
