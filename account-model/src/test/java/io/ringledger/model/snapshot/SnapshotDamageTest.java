package io.ringledger.model.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.TestLedger;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.snapshot.SnapshotException.Reason;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Torn, flipped, foreign and forged snapshots: a reason, and never a state. */
class SnapshotDamageTest {
    private static final int PARTITION = TestLedger.PARTITION;
    private static final int PARTITIONS = TestLedger.PARTITIONS;
    private static final ModelContext CONTEXT = ModelContext.small(3);
    private static final byte[] SNAPSHOT = snapshot();

    private static byte[] snapshot() {
        try (TestLedger ledger = new TestLedger(CONTEXT)) {
            final Command command = new Command();
            final int eur = CurrencyCode.pack("EUR");
            final int usd = CurrencyCode.pack("USD");
            ledger.submit(command.openAccount("a", "k1", eur, 0), 1_000);
            ledger.submit(command.openAccount("b", "0123456789abcdef", eur, 700), 1_001);
            ledger.submit(command.openAccount("c", "k1", usd, 5), 1_002);
            ledger.submit(command.credit("a", "c1", 300, "salary"), 1_003);
            ledger.submit(command.withdraw("b", "c1", 600, ""), 1_004);
            ledger.submit(command.withdraw("a", "w", 301, ""), 1_005);
            ledger.submit(command.credit("nobody", "n1", 1, ""), 1_006);
            ledger.flush();
            final FrameChain chain = new FrameChain(
                    PARTITION,
                    PARTITIONS,
                    1,
                    ledger.model().lastSequence(),
                    TestLedger.EPOCH,
                    FrameFormat.hashOf(ledger.records().getFirst()));
            return Snapshots.write(
                    SnapshotHeader.of(ledger.model(), chain, PARTITIONS, "shardId-1", "4960"),
                    ledger.model());
        }
    }

    private static AccountModel read(final byte[] snapshot) {
        return Snapshots.read(snapshot, PARTITION, PARTITIONS, CONTEXT);
    }

    private static Reason reason(final ThrowingCallable reading) {
        try {
            reading.call();
        } catch (final SnapshotException e) {
            return e.reason();
        } catch (final Throwable e) {
            throw new AssertionError("not refused as a snapshot: " + e, e);
        }
        throw new AssertionError("not refused");
    }

    @Test
    void shouldBeReadAsItIs() {
        assertThat(read(SNAPSHOT).lastSequence()).isEqualTo(7);
        assertThat(Snapshots.blocks(SNAPSHOT)).isEqualTo(1);
        assertThat(Snapshots.withRows(SNAPSHOT, rows -> rows).length).isEqualTo(SNAPSHOT.length);
        read(Snapshots.withRows(SNAPSHOT, rows -> rows));
        final SnapshotHeader header = Snapshots.header(SNAPSHOT);
        assertThat(header.epoch()).isEqualTo(TestLedger.EPOCH);
        assertThat(header.shardId()).isEqualTo("shardId-1");
        assertThat(header.recordSequenceNumber()).isEqualTo("4960");
        assertThat(header.keys()).isEqualTo(7);
    }

    @Test
    void shouldRefuseATornOneWhereverItEnds() {
        for (int length = 0; length < SNAPSHOT.length; length++) {
            final byte[] torn = Arrays.copyOf(SNAPSHOT, length);
            assertThat(reason(() -> read(torn))).as("length %s", length).isEqualTo(Reason.TORN);
        }
    }

    @Test
    void shouldRefuseEveryFlippedBit() {
        for (int bit = 0; bit < SNAPSHOT.length * 8; bit++) {
            final byte[] flipped = SNAPSHOT.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            final Reason reason = reason(() -> read(flipped));
            if (bit < 32) {
                assertThat(reason).isEqualTo(Reason.FOREIGN);
            } else if (bit < 40) {
                assertThat(reason).isEqualTo(Reason.UNKNOWN_VERSION);
            } else {
                assertThat(reason).as("bit %s", bit).isIn(Reason.DAMAGED, Reason.TORN);
            }
        }
    }

    @Test
    void shouldRefuseBytesAfterTheEnd() {
        assertThat(reason(() -> read(Arrays.copyOf(SNAPSHOT, SNAPSHOT.length + 1))))
                .isEqualTo(Reason.DAMAGED);
    }

    /** Checksums that hold prove nothing: the state hash and the checks of each row do. */
    @Test
    void shouldRefuseEveryForgedRow() {
        final int length = Snapshots.rows(SNAPSHOT).length;
        for (int i = 0; i < length; i++) {
            for (final int change : new int[] {1, 2, 0x10, 0x7F, 0x80, 0xFF}) {
                final int at = i;
                final byte[] forged = Snapshots.withRows(SNAPSHOT, rows -> {
                    rows[at] ^= (byte) change;
                    return rows;
                });
                assertThat(reason(() -> read(forged))).as("row byte %s", at).isIn(Reason.DAMAGED);
            }
        }
    }

    @Test
    void shouldRefuseRowsThatAreMissingOrTooMany() {
        assertThat(reason(() -> read(Snapshots.withRows(
                        SNAPSHOT, rows -> Arrays.copyOf(rows, rows.length - 1)))))
                .isEqualTo(Reason.DAMAGED);
        assertThat(reason(() -> read(Snapshots.withRows(
                        SNAPSHOT, rows -> Arrays.copyOf(rows, rows.length + 1)))))
                .isEqualTo(Reason.DAMAGED);
    }

    @Test
    void shouldRefuseForgedCounts() {
        for (final int count : new int[] {0, 1, 4, 6, 7, 14, Integer.MAX_VALUE, -1}) {
            if (count != 5) {
                refuseHeader(bytes -> bytes.putLong(SnapshotFormat.ACCOUNTS, count));
            }
            if (count != 7) {
                refuseHeader(bytes -> bytes.putLong(SnapshotFormat.KEYS, count));
            }
        }
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.KEYS, 7L + (1L << 32)));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.SEQUENCE, 8));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.SEQUENCE, Long.MAX_VALUE));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.LAST_TIME, 1_007));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.LAST_TIME, Long.MAX_VALUE));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.FRAME_NUMBER, 0));
        refuseHeader(bytes -> bytes.putLong(SnapshotFormat.EPOCH, -1));
        refuseHeader(bytes -> bytes.putShort(SnapshotFormat.SHARD_LENGTH, (short) 8));
        refuseHeader(bytes -> bytes.putInt(SnapshotFormat.HEADER_LENGTH, 100_000));
        refuseHeader(bytes -> bytes.putInt(SnapshotFormat.HEADER_LENGTH, -4));
    }

    private static void refuseHeader(final Consumer<ByteBuffer> change) {
        assertThat(reason(() -> read(Snapshots.withHeader(SNAPSHOT, change))))
                .isEqualTo(Reason.DAMAGED);
    }

    /** Lengths of blocks are believed within bounds only: no memory goes for what a file claims. */
    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 262_145, 1_000_000_000})
    void shouldRefuseImpossibleLengthsOfBlocks(final int length) {
        final int block = ByteBuffer.wrap(SNAPSHOT)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getInt(SnapshotFormat.HEADER_LENGTH);
        assertThat(reason(() -> read(Snapshots.withHeader(SNAPSHOT, b -> b.putInt(block, length)))))
                .isEqualTo(Reason.DAMAGED);
        if (length != 262_145) {
            assertThat(reason(() ->
                            read(Snapshots.withHeader(SNAPSHOT, b -> b.putInt(block + 4, length)))))
                    .isEqualTo(Reason.DAMAGED);
        }
    }

    @Test
    void shouldRefuseWhatBelongsToAnotherLedger() {
        assertThatThrownBy(() -> Snapshots.read(SNAPSHOT, 2, PARTITIONS, CONTEXT))
                .isInstanceOf(SnapshotException.class)
                .hasMessage("snapshot of another ledger: partition 1, expected 2");
        assertThat(reason(() -> Snapshots.read(SNAPSHOT, 2, PARTITIONS, CONTEXT)))
                .isEqualTo(Reason.FOREIGN);
        assertThat(reason(() -> Snapshots.read(SNAPSHOT, PARTITION, 8, CONTEXT)))
                .isEqualTo(Reason.FOREIGN);
        final ModelContext otherWindow = new ModelContext(1000, 1, 1000, 1, 1000, 1, 1);
        assertThat(reason(() -> Snapshots.read(SNAPSHOT, PARTITION, PARTITIONS, otherWindow)))
                .isEqualTo(Reason.FOREIGN);
    }

    @Test
    void shouldRefuseWhatDoesNotFitIntoMemory() {
        final byte[] large = Snapshots.withHeader(SNAPSHOT, bytes -> {
            bytes.putLong(SnapshotFormat.SEQUENCE, 1L << 40);
            bytes.putLong(SnapshotFormat.KEYS, 5_000);
        });
        final ModelContext limits =
                new ModelContext(CONTEXT.idempotencyWindowMs(), 1, 1000, 1, 1000, 1, 1);
        assertThatThrownBy(() -> Snapshots.read(large, PARTITION, PARTITIONS, limits))
                .isInstanceOf(SnapshotException.class)
                .hasMessage("snapshot holds 5000 idempotency keys, the settings allow 1000");
        assertThat(reason(() -> Snapshots.read(large, PARTITION, PARTITIONS, limits)))
                .isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void shouldLetFailuresOfTheSourceThrough() {
        assertThatThrownBy(() -> SnapshotReader.open((into, offset, length) -> {
                    throw new IllegalStateException("disk");
                }))
                .hasMessage("disk");
    }
}
