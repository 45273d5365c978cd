package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;

import io.ringledger.model.AccountModel;
import io.ringledger.model.HandWrittenLog;
import io.ringledger.model.InvariantViolation;
import io.ringledger.model.ModelContext;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.MessageHeaderDecoder;
import io.ringledger.model.frame.FrameException.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** Whatever has happened to a record, a reader says so, and never takes it for a frame. */
class FrameDamageTest {
    private static final long SEED = 20_261_121L;
    private static final int MEBIBYTE = 1 << 20;

    private final HandWrittenLog log = new HandWrittenLog();
    private final FrameReader reader = new FrameReader();

    @AfterEach
    void close() {
        reader.close();
    }

    @Test
    void shouldDetectEveryChangedByteOfARecord() {
        for (final byte[] record : new byte[][] {plain(), packed()}) {
            assertThat(reader.open(record).eventCount()).isPositive();
            // The eight flipped bits are among the 255 other values, and alone in a long record.
            final boolean isShort = record.length < 150;
            for (int at = 0; at < record.length; at++) {
                for (int flip = 1; flip < 256; flip = isShort ? flip + 1 : flip << 1) {
                    final byte[] changed = record.clone();
                    changed[at] ^= (byte) flip;
                    requireRefused(changed, "byte " + at + " ^ " + flip);
                }
            }
        }
    }

    @Test
    void shouldDetectEveryTruncationAndEveryAddedByte() {
        for (final byte[] record : new byte[][] {plain(), packed()}) {
            for (int length = 0; length < record.length; length++) {
                requireRefused(Arrays.copyOf(record, length), "truncated to " + length);
            }
            for (int more = 1; more < 100; more++) {
                requireRefused(Arrays.copyOf(record, record.length + more), more + " more");
            }
            assertThat(reader.open(record).eventCount()).isPositive();
        }
    }

    @Test
    void shouldRefuseGarbage() {
        final Random random = new Random(SEED);
        final byte[] header = plain();
        for (int i = 0; i < 20_000; i++) {
            final byte[] garbage = new byte[random.nextInt(400)];
            random.nextBytes(garbage);
            // Some of it begins as a frame does, up to a random place.
            final int same = random.nextInt(3) == 0 ? random.nextInt(FrameFormat.PAYLOAD) : 0;
            System.arraycopy(header, 0, garbage, 0, Math.min(same, garbage.length));
            requireRefused(garbage, "seed " + SEED + ", garbage " + i);
        }
    }

    /**
     * Records that a faulty or hostile writer has given a checksum that holds: each is refused by
     * the reader, or by the model, or it is a frame; nothing else comes out.
     */
    @Test
    void shouldSurviveChangedRecordsWhoseChecksumHolds() {
        final Random random = new Random(SEED);
        final Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
        int contradictions = 0;
        int taken = 0;
        final byte[][] records = {plain(), several(), packed()};
        for (int i = 0; i < 4000; i++) {
            final byte[] changed = records[i % records.length].clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try {
                reader.open(Records.withChecksum(changed));
                reader.readEvents(new AccountModel(ModelContext.small(i)));
                taken++;
            } catch (final FrameException e) {
                refused.merge(e.reason(), 1, Integer::sum);
            } catch (final InvariantViolation e) {
                contradictions++;
            }
        }
        System.out.println("FrameDamageTest: seed=" + SEED + ", refused=" + refused
                + ", contradictions=" + contradictions + ", taken=" + taken);
        assertThat(refused.keySet())
                .containsExactlyInAnyOrder(Reason.FOREIGN, Reason.UNKNOWN_VERSION, Reason.DAMAGED);
        assertThat(contradictions).isPositive();
        assertThat(taken).isPositive();
    }

    @Test
    void shouldRefuseAnImpossibleHeader() {
        impossible(b -> b.putInt(FrameFormat.PARTITION, -1));
        impossible(b -> b.putInt(FrameFormat.PARTITION, 4));
        impossible(b -> b.putShort(FrameFormat.PARTITIONS, (short) 0));
        impossible(b -> b.putLong(FrameFormat.EPOCH, -1));
        impossible(b -> b.putLong(FrameFormat.FRAME_NUMBER, 0));
        impossible(b -> b.putLong(FrameFormat.FRAME_NUMBER, -1));
        impossible(b -> b.putLong(FrameFormat.FIRST_SEQUENCE, 0));
        impossible(b -> b.putLong(FrameFormat.FIRST_SEQUENCE, Long.MAX_VALUE)
                .putInt(FrameFormat.EVENT_COUNT, 2));
        impossible(b -> b.putInt(FrameFormat.EVENT_COUNT, 0));
        impossible(b -> b.putInt(FrameFormat.EVENT_COUNT, -1));
        impossible(b -> b.putLong(FrameFormat.BASE_TIME, -1));
        impossible(b -> b.putLong(FrameFormat.BASE_TIME, Long.MAX_VALUE - 0xFFFF_FFFEL));
        impossible(b -> b.putInt(FrameFormat.EVENT_LENGTH, 0));
        impossible(b -> b.putInt(FrameFormat.EVENT_LENGTH, -1));
        impossible(b -> b.putInt(FrameFormat.EVENT_LENGTH, FrameFormat.MAX_EVENT_BYTES + 1));
        impossible(b -> b.putInt(FrameFormat.EVENT_LENGTH, Integer.MAX_VALUE));
    }

    private void impossible(final Consumer<ByteBuffer> change) {
        final byte[] changed = Records.changed(plain(), change);
        refuse(() -> reader.open(changed), Reason.DAMAGED, "impossible header");
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        refuse(() -> reader.open(new byte[0]), Reason.FOREIGN, "recordLength=0");
        final byte[] aggregate = plain();
        aggregate[0] = (byte) 0xF3;
        refuse(() -> reader.open(aggregate), Reason.FOREIGN, "not a Ringledger frame");
        unknown(b -> b.put(FrameFormat.VERSION, (byte) 2), "version=2");
        unknown(b -> b.put(FrameFormat.VERSION, (byte) 0), "version=0");
        unknown(b -> b.put(FrameFormat.CODEC, (byte) 2), "codec=2");
        unknown(b -> b.put(FrameFormat.CODEC, (byte) -1), "codec=-1");
        refuseEvents(event(b -> b.putShort(2, (short) 5)), Reason.UNKNOWN_VERSION, "templateId=5");
        refuseEvents(event(b -> b.putShort(4, (short) 1)), Reason.FOREIGN, "schemaId=1");
        refuseEvents(event(b -> b.putShort(6, (short) 2)), Reason.UNKNOWN_VERSION, "version=2");
        refuseEvents(event(b -> b.putShort(6, (short) 1)), Reason.DAMAGED, "block of another");
        refuseEvents(
                event(b -> b.putShort(6, (short) -1)), Reason.UNKNOWN_VERSION, "version=65535");
    }

    private void unknown(final Consumer<ByteBuffer> change, final String message) {
        final byte[] changed = Records.changed(plain(), change);
        refuse(() -> reader.open(changed), Reason.UNKNOWN_VERSION, message);
    }

    @Test
    void shouldRefuseEventsThatAreNotWhole() {
        final int block = CreditLimitChangedDecoder.traceIdHighEncodingOffset();
        for (final int length : new int[] {0, block - 1, block + 1, 65535}) {
            refuseEvents(
                    event(b -> b.putShort(0, (short) length)), Reason.DAMAGED, "block of another");
        }
        final int keyLength = MessageHeaderDecoder.ENCODED_LENGTH + block;
        refuseEvents(event(b -> b.put(keyLength, (byte) 254)), Reason.DAMAGED, "past the frame");
        refuseEvents(event(b -> b.put(keyLength, (byte) 2)), Reason.DAMAGED, "past the frame");
        refuseEvents(event(b -> b.put(keyLength, (byte) 0)), Reason.DAMAGED, "end elsewhere");
        refuseEvents(
                Records.changed(plain(), b -> b.putInt(FrameFormat.EVENT_COUNT, 2)),
                Reason.DAMAGED,
                "past the frame");
        refuseEvents(
                Records.changed(several(), b -> b.putInt(FrameFormat.EVENT_COUNT, 2)),
                Reason.DAMAGED,
                "end elsewhere");
        // A length of a length that would lie past the end.
        final byte[] whole = plain();
        final int eventLength = whole.length - FrameFormat.OVERHEAD;
        for (int length = 1; length < eventLength; length++) {
            final byte[] part =
                    Arrays.copyOfRange(whole, FrameFormat.PAYLOAD, FrameFormat.PAYLOAD + length);
            refuseEvents(
                    Records.withPayload(whole, 0, length, part), Reason.DAMAGED, "past the frame");
        }
    }

    @Test
    void shouldRefuseUnknownValuesOfEnumerations() {
        for (final int value : new int[] {3, 254, 255}) {
            final byte bad = (byte) value;
            final String message = "value=" + value;
            log.limitChanged("k", e -> e.buffer().putByte(e.offset() + 16, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
            log.posted("k", "", e -> e.buffer().putByte(e.offset() + 29, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
            log.posted("k", "", e -> e.buffer().putByte(e.offset() + 12, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
            log.opened("k", "A", e -> e.buffer().putByte(e.offset() + 12, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
            log.opened("k", "A", e -> e.buffer().putByte(e.offset() + 24, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
            log.refused("k", "", "", e -> e.buffer().putByte(e.offset() + 21, bad));
            refuseEvents(log.frame(), Reason.DAMAGED, message);
        }
        for (final int value : new int[] {0, 5, 255}) {
            log.refused("k", "", "", e -> e.buffer().putByte(e.offset() + 8, (byte) value));
            refuseEvents(log.frame(), Reason.DAMAGED, "type of command");
        }
        log.posted("k", "", e -> e.buffer().putByte(e.offset() + 12, (byte) 0));
        refuseEvents(log.frame(), Reason.DAMAGED, "type of transaction");
    }

    @Test
    void shouldNotUnpackABomb() {
        final byte[] zeros = Zstd.compress(new byte[64 * MEBIBYTE]);
        assertThat(zeros.length).isLessThan(MEBIBYTE / 16);
        for (final int claimed : new int[] {1, 100, FrameFormat.MAX_EVENT_BYTES}) {
            refuseEvents(
                    Records.withPayload(plain(), 1, claimed, zeros), Reason.DAMAGED, "not unpack");
        }
        refuse(
                () -> reader.open(Records.withPayload(plain(), 1, 64 * MEBIBYTE, zeros)),
                Reason.DAMAGED,
                "impossible header");
    }

    @Test
    void shouldRefuseEventsOfAnotherLengthThanTheHeaderSays() {
        final byte[] payload = Zstd.compress(new byte[1000]);
        refuseEvents(Records.withPayload(plain(), 1, 1001, payload), Reason.DAMAGED, "length=1000");
        refuseEvents(Records.withPayload(plain(), 1, 999, payload), Reason.DAMAGED, "not unpack");
        refuseEvents(
                Records.withPayload(plain(), 1, 1000, new byte[] {1, 2, 3}),
                Reason.DAMAGED,
                "not unpack");
        refuseEvents(
                Records.changed(plain(), b -> b.putInt(FrameFormat.EVENT_LENGTH, 1)),
                Reason.DAMAGED,
                "eventLength=1");
        refuseEvents(
                Records.changed(several(), b -> b.put(FrameFormat.CODEC, (byte) 1)),
                Reason.DAMAGED,
                "not unpack");
    }

    @Test
    void shouldReadNothingWithoutAnOpenFrame() {
        assertThatThrownBy(() -> reader.readEvents(new EventText()))
                .isInstanceOf(IllegalStateException.class);
        reader.open(plain());
        requireRefused(new byte[10], "ten bytes");
        assertThatThrownBy(() -> reader.readEvents(new EventText()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reader::hash).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reader::previousHash).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldLetTheExceptionsOfAHandlerThrough() {
        final IndexOutOfBoundsException own = new IndexOutOfBoundsException("of the handler");
        final EventText failing = new EventText() {
            @Override
            public void onCreditLimitChanged(
                    final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
                throw own;
            }
        };
        reader.open(plain());
        assertThatThrownBy(() -> reader.readEvents(failing)).isSameAs(own);
    }

    private void requireRefused(final byte[] record, final String what) {
        try {
            reader.open(record);
        } catch (final FrameException e) {
            if (e.reason() == Reason.OUT_OF_ORDER) {
                throw new AssertionError(what, e);
            }
            return;
        }
        throw new AssertionError("taken for a frame: " + what);
    }

    private void refuseEvents(final byte[] record, final Reason reason, final String message) {
        reader.open(record);
        refuse(() -> reader.readEvents(new EventText()), reason, message);
    }

    private static void refuse(
            final org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
            final Reason reason,
            final String message) {
        assertThatThrownBy(call)
                .isInstanceOf(FrameException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(((FrameException) e).reason()).isEqualTo(reason));
    }

    /** A plain frame whose one event is changed, counted from the event's first byte. */
    private byte[] event(final Consumer<ByteBuffer> change) {
        return Records.changed(
                plain(),
                b -> change.accept(b.slice(FrameFormat.PAYLOAD, b.capacity() - FrameFormat.PAYLOAD)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)));
    }

    private byte[] plain() {
        final byte[] record = log.after(0).limitChanged("k", e -> {}).frame();
        assertThat(Records.codec(record)).isEqualTo(FrameFormat.CODEC_NONE);
        return record;
    }

    private byte[] several() {
        log.after(0)
                .opened("k0", "A", e -> {})
                .posted("k1", "reference", e -> {})
                .refused("k2", "", "r", e -> {})
                .refused("k3", "B", "", e -> {})
                .limitChanged("k4", e -> {});
        final int eventLength = log.batch().length();
        final byte[] events = new byte[eventLength];
        log.batch().buffer().getBytes(0, events);
        return Records.withPayload(log.frame(), FrameFormat.CODEC_NONE, eventLength, events);
    }

    private byte[] packed() {
        log.after(0).opened("k0", "A", e -> {});
        for (int i = 1; i <= 40; i++) {
            final int balance = 100 * i;
            log.posted("key-" + i, "reference", e -> e.balance(balance));
        }
        final byte[] record = log.frame();
        assertThat(Records.codec(record)).isEqualTo(FrameFormat.CODEC_ZSTD);
        return record;
    }
}
