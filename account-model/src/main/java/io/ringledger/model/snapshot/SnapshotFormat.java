package io.ringledger.model.snapshot;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Layout of a snapshot. Little endian:
 *
 * <pre>
 *   0  magic              4 bytes  "RLS1"
 *   4  format version     1 byte
 *   5  zeros              3 bytes
 *   8  header length      4 bytes  up to and with the header's checksum
 *  12  partition          4 bytes
 *  16  partitions         4 bytes
 *  20  idempotency window 8 bytes  milliseconds
 *  28  frame number       8 bytes  of the last frame; 0 before the first
 *  36  sequence           8 bytes  of the last event; 0 before the first
 *  44  epoch              8 bytes  the fence: the highest epoch passed
 *  52  ledger time        8 bytes  of the last event, milliseconds since 1970 UTC
 *  60  frame hash        32 bytes  SHA-256 of the last frame's record
 *  92  state hash        32 bytes  of the model
 * 124  accounts           8 bytes  how many
 * 132  keys               8 bytes  how many
 * 140  shard id length    2 bytes
 * 142  record name length 2 bytes
 * 144  shard id, then the sequence number of the last log record, in ASCII
 *      checksum           4 bytes  CRC-32C over the header before it
 * then blocks:
 *      raw length         4 bytes  of the rows in it, 1 to 262144
 *      packed length      4 bytes
 *      payload                     the rows, compressed with zstd
 *      checksum           4 bytes  CRC-32C over lengths and payload
 * then the end:
 *      zero               4 bytes  where a block would have its raw length
 *      SHA-256           32 bytes  over every byte before it
 * </pre>
 *
 * <p>Rows are values, never the layout of memory; a row does not straddle blocks. Numbers in them
 * are variable-length integers of seven bits a byte, lowest first; signed ones in zigzag. First the
 * accounts in the order of their numbers, {@code @world} accounts among them: length of the id (1
 * byte, 0 for {@code @world}), the id, then currency (3 letters) and signed balance of a
 * {@code @world} account, or number of the {@code @world} account, signed balance, held and credit
 * limit of a customer's. Then the idempotency keys that have not expired, oldest first: format of
 * the key (1 byte, the highest bit set if it is kept by account id), result code (1 byte), length
 * of the packed key (1 byte), account number or length of the id, the key, the id, fingerprint (8
 * bytes), sequence and time as the difference from the key before, signed balance, held and credit
 * limit of the outcome.
 */
final class SnapshotFormat {
    static final int MAGIC_VALUE = 'R' | 'L' << 8 | 'S' << 16 | '1' << 24;
    static final int VERSION_VALUE = 1;

    static final int MAGIC = 0;
    static final int VERSION = 4;
    static final int HEADER_LENGTH = 8;
    static final int PARTITION = 12;
    static final int PARTITIONS = 16;
    static final int WINDOW = 20;
    static final int FRAME_NUMBER = 28;
    static final int SEQUENCE = 36;
    static final int EPOCH = 44;
    static final int LAST_TIME = 52;
    static final int FRAME_HASH = 60;
    static final int STATE_HASH = 92;
    static final int ACCOUNTS = 124;
    static final int KEYS = 132;
    static final int SHARD_LENGTH = 140;
    static final int NAME_LENGTH = 142;
    static final int TEXTS = 144;

    static final int PRELUDE = 12;
    static final int CHECKSUM_LENGTH = 4;
    static final int HASH_LENGTH = 32;
    static final int BLOCK_HEAD = 8;
    static final int MAX_BLOCK_BYTES = 1 << 18;

    /** More than the longest row. */
    static final int MAX_ROW_BYTES = 512;

    private SnapshotFormat() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
