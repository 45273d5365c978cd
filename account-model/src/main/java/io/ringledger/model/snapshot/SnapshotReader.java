package io.ringledger.model.snapshot;

import io.ringledger.model.AccountModel;
import io.ringledger.model.InvariantViolation;
import io.ringledger.model.ModelContext;
import io.ringledger.model.snapshot.SnapshotException.Reason;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Reads a snapshot: {@link #open} gives its header, {@link #readModel} the state. What comes out is
 * whole and has the recorded state hash, or a {@link SnapshotException} says why it is refused. Not
 * thread-safe.
 */
public final class SnapshotReader {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_HEADER = SnapshotFormat.TEXTS
            + 2 * SnapshotHeader.MAX_NAME_LENGTH
            + SnapshotFormat.CHECKSUM_LENGTH;

    private final ByteSource source;
    private final SnapshotHeader header;
    private final MessageDigest digest;

    private SnapshotReader(
            final ByteSource source, final SnapshotHeader header, final MessageDigest digest) {
        this.source = source;
        this.header = header;
        this.digest = digest;
    }

    /**
     * Reads the header.
     *
     * @throws SnapshotException if this is not the beginning of a snapshot of a known version
     * @throws RuntimeException what the source throws
     */
    public static SnapshotReader open(final ByteSource source) {
        final byte[] bytes = new byte[MAX_HEADER];
        StateInput.readFully(source, bytes, 0, SnapshotFormat.PRELUDE);
        final int magic = (int) INTS.get(bytes, SnapshotFormat.MAGIC);
        if (magic != SnapshotFormat.MAGIC_VALUE) {
            throw new SnapshotException(
                    Reason.FOREIGN,
                    "not a Ringledger snapshot: it begins with " + Integer.toHexString(magic));
        }
        final int version = bytes[SnapshotFormat.VERSION];
        if (version != SnapshotFormat.VERSION_VALUE) {
            throw new SnapshotException(
                    Reason.UNKNOWN_VERSION,
                    "snapshot of an unknown format: version=" + version + ", known="
                            + SnapshotFormat.VERSION_VALUE);
        }
        final int length = (int) INTS.get(bytes, SnapshotFormat.HEADER_LENGTH);
        if (length < SnapshotFormat.TEXTS + SnapshotFormat.CHECKSUM_LENGTH || length > MAX_HEADER) {
            throw damaged("impossible length of the header", length);
        }
        StateInput.readFully(
                source, bytes, SnapshotFormat.PRELUDE, length - SnapshotFormat.PRELUDE);
        final int end = length - SnapshotFormat.CHECKSUM_LENGTH;
        final CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, end);
        if ((int) checksum.getValue() != (int) INTS.get(bytes, end)) {
            throw damaged("checksum of the header differs", checksum.getValue());
        }
        final MessageDigest digest = SnapshotFormat.sha256();
        digest.update(bytes, 0, length);
        return new SnapshotReader(source, decode(bytes, end), digest);
    }

    /** What the snapshot says of itself. */
    public SnapshotHeader header() {
        return header;
    }

    /**
     * Reads the state, once.
     *
     * @param partition the partition that is wanted
     * @param partitions partitions of the ledger
     * @param context with the ledger's window; its limits bound what is taken into memory
     * @throws SnapshotException if it is another ledger's, or not whole, or contradicts itself
     * @throws RuntimeException what the source throws
     */
    public AccountModel readModel(
            final int partition, final int partitions, final ModelContext context) {
        requireSame("partitions", header.partitions(), partitions);
        requireSame("partition", header.partition(), partition);
        requireSame(
                "idempotency window (ms)",
                header.idempotencyWindowMs(),
                context.idempotencyWindowMs());
        requireRoom("accounts", header.accounts(), context.maxAccounts());
        requireRoom("idempotency keys", header.keys(), context.maxKeys());
        final AccountModel model;
        try (StateInput input = new StateInput(source, header, digest)) {
            model = AccountModel.readState(input, context);
            input.end();
            model.verify();
        } catch (final InvariantViolation e) {
            throw new SnapshotException(
                    Reason.DAMAGED, "state contradicts itself: " + e.getMessage(), e);
        }
        final String stateHash = model.stateHash();
        if (!stateHash.equals(header.stateHash())) {
            throw new SnapshotException(
                    Reason.DAMAGED,
                    "state hash differs: computed=" + stateHash + ", recorded="
                            + header.stateHash());
        }
        return model;
    }

    /**
     * Reads everything to the end and checks lengths, checksums and the hash of the whole, but
     * builds no state: that it is what was written, not that it is right.
     *
     * @throws SnapshotException if it is not whole
     * @throws RuntimeException what the source throws
     */
    public void checkBytes() {
        try (StateInput input = new StateInput(source, header, digest)) {
            input.skipRows();
            input.end();
        }
    }

    private static SnapshotHeader decode(final byte[] bytes, final int end) {
        final int shardLength = (short) SHORTS.get(bytes, SnapshotFormat.SHARD_LENGTH) & 0xFFFF;
        final int nameLength = (short) SHORTS.get(bytes, SnapshotFormat.NAME_LENGTH) & 0xFFFF;
        if (SnapshotFormat.TEXTS + shardLength + nameLength != end) {
            throw damaged("header has another length", end);
        }
        final long accounts = (long) LONGS.get(bytes, SnapshotFormat.ACCOUNTS);
        final long keys = (long) LONGS.get(bytes, SnapshotFormat.KEYS);
        if (accounts != (int) accounts || keys != (int) keys) {
            throw damaged("impossible number of accounts or keys", Math.max(accounts, keys));
        }
        try {
            return new SnapshotHeader(
                    (int) INTS.get(bytes, SnapshotFormat.PARTITIONS),
                    (int) INTS.get(bytes, SnapshotFormat.PARTITION),
                    (long) LONGS.get(bytes, SnapshotFormat.WINDOW),
                    (long) LONGS.get(bytes, SnapshotFormat.FRAME_NUMBER),
                    (long) LONGS.get(bytes, SnapshotFormat.SEQUENCE),
                    (long) LONGS.get(bytes, SnapshotFormat.EPOCH),
                    hash(bytes, SnapshotFormat.FRAME_HASH),
                    (long) LONGS.get(bytes, SnapshotFormat.LAST_TIME),
                    text(bytes, SnapshotFormat.TEXTS, shardLength),
                    text(bytes, SnapshotFormat.TEXTS + shardLength, nameLength),
                    hash(bytes, SnapshotFormat.STATE_HASH),
                    (int) accounts,
                    (int) keys);
        } catch (final IllegalArgumentException e) {
            throw new SnapshotException(Reason.DAMAGED, String.valueOf(e.getMessage()), e);
        }
    }

    private static String hash(final byte[] bytes, final int offset) {
        return HexFormat.of().formatHex(bytes, offset, offset + SnapshotFormat.HASH_LENGTH);
    }

    private static String text(final byte[] bytes, final int offset, final int length) {
        return new String(bytes, offset, length, StandardCharsets.US_ASCII);
    }

    private static void requireSame(final String what, final long found, final long expected) {
        if (found != expected) {
            throw new SnapshotException(
                    Reason.FOREIGN,
                    "snapshot of another ledger: " + what + " " + found + ", expected " + expected);
        }
    }

    /**
     * An eighth more than the limit is taken: a model may go a little over it before it refuses, and
     * a limit that was lowered a little must not cost the snapshot.
     */
    private static void requireRoom(final String what, final int count, final int max) {
        if (count > (long) max + (max >> 3) + 1024) {
            throw new SnapshotException(
                    Reason.TOO_LARGE,
                    "snapshot holds " + count + " " + what + ", the settings allow " + max);
        }
    }

    private static SnapshotException damaged(final String what, final long value) {
        return new SnapshotException(Reason.DAMAGED, what + ": " + value);
    }
}
