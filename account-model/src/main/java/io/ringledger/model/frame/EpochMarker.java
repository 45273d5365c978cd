package io.ringledger.model.frame;

import io.ringledger.model.frame.FrameException.Reason;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The record with which a new owner begins (design D5): from here on readers drop what an owner of
 * a lower epoch still appends. It stands between frames and is not one: no number, no place in
 * the chain of hashes, so that it may land twice or late and change nothing. Little endian:
 *
 * <pre>
 *  0  magic            4 bytes  "RLM1"
 *  4  version          1 byte   1
 *  5  reserved         1 byte   0
 *  6  partitions       2 bytes  of the ledger
 *  8  partition        4 bytes
 * 12  epoch            8 bytes  from 1
 * 20  owner           16 bytes  unlike any other ownership's, for finding the own marker
 * 36  checksum         4 bytes  CRC-32C over everything before
 * </pre>
 *
 * @param partitions of the ledger
 * @param partition whose ownership begins
 * @param epoch of that ownership
 * @param ownerHigh first half of the owner's unique number
 * @param ownerLow second half of it
 */
public record EpochMarker(
        int partitions, int partition, long epoch, long ownerHigh, long ownerLow) {
    /** Length of the record. */
    public static final int LENGTH = 40;

    private static final int MAGIC_VALUE = 'R' | 'L' << 8 | 'M' << 16 | '1' << 24;
    private static final int VERSION_VALUE = 1;
    private static final int VERSION = 4;
    private static final int PARTITIONS = 6;
    private static final int PARTITION = 8;
    private static final int EPOCH = 12;
    private static final int OWNER_HIGH = 20;
    private static final int OWNER_LOW = 28;
    private static final int CHECKSUM = 36;

    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Refuses what cannot be. */
    public EpochMarker {
        if (partitions > 0xFFFF || partition < 0 || partition >= partitions || epoch < 1) {
            throw new IllegalArgumentException("not a marker: partitions=" + partitions
                    + ", partition=" + partition + ", epoch=" + epoch);
        }
    }

    /** True if the record says that it is a marker; whether it is whole, {@link #read} finds. */
    public static boolean isMarker(final byte[] record) {
        return record.length >= VERSION && (int) INTS.get(record, 0) == MAGIC_VALUE;
    }

    /**
     * Reads a record that {@link #isMarker} knows.
     *
     * @throws FrameException if it is damaged or of an unknown version
     */
    public static EpochMarker read(final byte[] record) {
        if (record.length <= VERSION || record[VERSION] != VERSION_VALUE) {
            throw new FrameException(
                    Reason.UNKNOWN_VERSION,
                    "epoch marker of an unknown format: recordLength=" + record.length);
        }
        if (record.length != LENGTH || checksumOf(record) != (int) INTS.get(record, CHECKSUM)) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "damaged epoch marker: recordLength=" + record.length + ", expected " + LENGTH);
        }
        try {
            return new EpochMarker(
                    (short) SHORTS.get(record, PARTITIONS) & 0xFFFF,
                    (int) INTS.get(record, PARTITION),
                    (long) LONGS.get(record, EPOCH),
                    (long) LONGS.get(record, OWNER_HIGH),
                    (long) LONGS.get(record, OWNER_LOW));
        } catch (final IllegalArgumentException e) {
            throw new FrameException(Reason.DAMAGED, "impossible epoch marker", e);
        }
    }

    /** The record; a new array. */
    public byte[] toRecord() {
        final byte[] record = new byte[LENGTH];
        INTS.set(record, 0, MAGIC_VALUE);
        record[VERSION] = VERSION_VALUE;
        SHORTS.set(record, PARTITIONS, (short) partitions);
        INTS.set(record, PARTITION, partition);
        LONGS.set(record, EPOCH, epoch);
        LONGS.set(record, OWNER_HIGH, ownerHigh);
        LONGS.set(record, OWNER_LOW, ownerLow);
        INTS.set(record, CHECKSUM, checksumOf(record));
        return record;
    }

    private static int checksumOf(final byte[] record) {
        final CRC32C checksum = new CRC32C();
        checksum.update(record, 0, CHECKSUM);
        return (int) checksum.getValue();
    }
}
