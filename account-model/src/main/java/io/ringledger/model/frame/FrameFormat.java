package io.ringledger.model.frame;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Layout of a frame, one record of the stream (design D4). Little endian:
 *
 * <pre>
 *  0  magic            4 bytes  "RLF1"
 *  4  format version   1 byte
 *  5  codec            1 byte   0: none, 1: zstd
 *  6  partitions       2 bytes  of the ledger
 *  8  partition        4 bytes
 * 12  event count      4 bytes
 * 16  epoch            8 bytes
 * 24  frame number     8 bytes  from 1 without gaps
 * 32  first sequence   8 bytes
 * 40  base time        8 bytes  milliseconds since 1970 UTC
 * 48  event length     4 bytes  of all events, uncompressed
 * 52  payload length   4 bytes
 * 56  previous hash   32 bytes  SHA-256 of the previous frame's record; zeros for the first one
 * 88  payload                   the events
 *     checksum         4 bytes  CRC-32C over everything before
 * </pre>
 *
 * The magic keeps KCL from taking a record for an aggregate of the KPL, which begins with {@code
 * F3 89 9A C2}.
 */
public final class FrameFormat {
    /** Length of a SHA-256. */
    public static final int HASH_LENGTH = 32;

    /** Length of everything that is not payload. */
    public static final int OVERHEAD = 92;

    /** Most bytes of events that a reader unpacks from one frame. */
    public static final int MAX_EVENT_BYTES = 8 << 20;

    static final int MAGIC_VALUE = 'R' | 'L' << 8 | 'F' << 16 | '1' << 24;
    static final int VERSION_VALUE = 1;
    static final int CODEC_NONE = 0;
    static final int CODEC_ZSTD = 1;

    static final int MAGIC = 0;
    static final int VERSION = 4;
    static final int CODEC = 5;
    static final int PARTITIONS = 6;
    static final int PARTITION = 8;
    static final int EVENT_COUNT = 12;
    static final int EPOCH = 16;
    static final int FRAME_NUMBER = 24;
    static final int FIRST_SEQUENCE = 32;
    static final int BASE_TIME = 40;
    static final int EVENT_LENGTH = 48;
    static final int PAYLOAD_LENGTH = 52;
    static final int PREVIOUS_HASH = 56;
    static final int PAYLOAD = 88;
    static final int CHECKSUM_LENGTH = 4;

    private FrameFormat() {}

    /** What the first frame of a partition names as the hash of the one before it. */
    public static byte[] noHash() {
        return new byte[HASH_LENGTH];
    }

    /** The hash by which the next frame names this record. */
    public static byte[] hashOf(final byte[] record) {
        return sha256().digest(record);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
