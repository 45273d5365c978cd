package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.HandWrittenLog;

import org.junit.jupiter.api.Test;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** A frame comes back as it went in. */
class FrameTest {
    private final HandWrittenLog log = new HandWrittenLog();

    @Test
    void shouldComeBackAsItWentIn() {
        log.after(41)
                .opened("k", "account", e -> e.timeDeltaMs(0))
                .posted("a", "rent", e -> e.timeDeltaMs(5))
                .limitChanged("b", e -> e.timeDeltaMs(6))
                .refused("c", "", "food", e -> e.timeDeltaMs(6))
                .refused("d", "other", "", e -> e.timeDeltaMs(0xFFFF_FFFEL));
        final int eventLength = log.batch().length();
        final byte[] previous = new byte[FrameFormat.HASH_LENGTH];
        Arrays.fill(previous, (byte) 0xA5);
        final byte[] record;
        try (FrameEncoder encoder = new FrameEncoder(1000, 1024)) {
            record = encoder.encode(log.batch(), Long.MAX_VALUE, 17, previous);
        }
        try (FrameReader reader = new FrameReader()) {
            final FrameHeader header = reader.open(record);
            assertThat(header)
                    .isEqualTo(new FrameHeader(
                            1024,
                            1000,
                            Long.MAX_VALUE,
                            17,
                            42,
                            5,
                            HandWrittenLog.TIME,
                            eventLength,
                            record.length));
            assertThat(header.lastSequence()).isEqualTo(46);
            assertThat(reader.previousHash()).isEqualTo(previous);
            assertThat(reader.hash()).isEqualTo(sha256(record));
            final EventText events = new EventText();
            reader.readEvents(events);
            assertThat(events.lines()).isEqualTo(lines());
            // Twice gives the same.
            reader.readEvents(events);
            assertThat(events.lines()).hasSize(10);
        }
    }

    private static List<String> lines() {
        final long time = HandWrittenLog.TIME;
        return List.of(
                "42 " + time + " AccountOpened account=1 world=0 opened currency=EUR"
                        + " creditLimit=50 key=TEXT:k id=account",
                "43 " + (time + 5) + " TransactionPosted account=1 contra=0 type=CREDIT"
                        + " amount=100 balance=100 key=TEXT:a reference=rent",
                "44 " + (time + 6) + " CreditLimitChanged account=1 creditLimit=70 key=TEXT:b",
                "45 " + (time + 6) + " CommandRefused account=1 command=WITHDRAW code=3"
                        + " currency= amount=1000 key=TEXT:c id= reference=food",
                "46 " + (time + 0xFFFF_FFFEL) + " CommandRefused account=-1 command=WITHDRAW"
                        + " code=1 currency= amount=1000 key=TEXT:d id=other reference=");
    }

    @Test
    void shouldLeaveEventsThatDoNotCompressAsTheyAre() {
        log.limitChanged("x", e -> {});
        final int eventLength = log.batch().length();
        final byte[] record = log.frame();
        assertThat(Records.codec(record)).isEqualTo(FrameFormat.CODEC_NONE);
        assertThat(record).hasSize(FrameFormat.OVERHEAD + eventLength);
        assertThat(read(record)).hasSize(1);
    }

    @Test
    void shouldCompressEventsThatDo() {
        for (int i = 0; i < 1000; i++) {
            log.limitChanged("key-" + i, e -> {});
        }
        final int eventLength = log.batch().length();
        final byte[] record = log.frame();
        assertThat(Records.codec(record)).isEqualTo(FrameFormat.CODEC_ZSTD);
        assertThat(record.length).isLessThan(eventLength / 4);
        assertThat(read(record)).hasSize(1000);
    }

    /** An encoder is used again and again: what it held before must not show. */
    @Test
    void shouldEncodeTheSameAfterALargerFrame() {
        final byte[] small = log.limitChanged("x", e -> {}).frame();
        final Random random = new Random(1);
        try (FrameEncoder encoder = new FrameEncoder(1, 4)) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 2000; i++) {
                    log.posted("k" + random.nextLong(), "", e -> {});
                }
                encoder.encode(log.batch(), 1, 1, FrameFormat.noHash());
                log.batch().clear();
                log.after(0).limitChanged("x", e -> {});
                assertThat(encoder.encode(log.batch(), 1, 1, FrameFormat.noHash()))
                        .isEqualTo(small);
                log.batch().clear();
            }
        }
    }

    @Test
    void shouldNotLookLikeAnAggregateOfTheProducerLibrary() {
        final byte[] record = log.limitChanged("x", e -> {}).frame();
        assertThat(HexFormat.of().formatHex(record, 0, 5)).isEqualTo("524c463101");
    }

    @Test
    void shouldRefuseToEncodeWhatIsNoFrame() {
        try (FrameEncoder encoder = new FrameEncoder(1, 4)) {
            assertThatThrownBy(() -> encoder.encode(log.batch(), 1, 1, FrameFormat.noHash()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("eventCount=0");
            log.limitChanged("x", e -> {});
            assertThatThrownBy(() -> encoder.encode(log.batch(), 1, 0, FrameFormat.noHash()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> encoder.encode(log.batch(), 1, 1, new byte[31]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (final int[] pair : new int[][] {{-1, 4}, {4, 4}, {0, 0}, {0, 65536}}) {
            assertThatThrownBy(() -> new FrameEncoder(pair[0], pair[1]).close())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldKeepTheBoundsOfABatch() {
        assertThatThrownBy(() -> new EventBatch(EventBatch.MAX_EVENT_LENGTH - 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EventBatch(FrameFormat.MAX_EVENT_BYTES + 1))
                .isInstanceOf(IllegalArgumentException.class);
        final EventBatch batch = new EventBatch(2 * EventBatch.MAX_EVENT_LENGTH);
        assertThat(batch.hasRoomFor(Long.MAX_VALUE)).isTrue();
        batch.beginEvent(7, 1000);
        batch.endEvent(EventBatch.MAX_EVENT_LENGTH);
        assertThat(batch.hasRoomFor(1000 + 0xFFFF_FFFEL)).isTrue();
        assertThat(batch.hasRoomFor(1000 + 0xFFFF_FFFFL)).isFalse();
        assertThatThrownBy(() -> batch.beginEvent(9, 1000))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> batch.beginEvent(8, 999))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> batch.beginEvent(8, 1000 + 0xFFFF_FFFFL))
                .isInstanceOf(IllegalStateException.class);
        assertThat(batch.beginEvent(8, 1000 + 0xFFFF_FFFEL)).isEqualTo(0xFFFF_FFFEL);
        assertThatThrownBy(() -> batch.endEvent(EventBatch.MAX_EVENT_LENGTH + 1))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> batch.endEvent(0)).isInstanceOf(IllegalStateException.class);
        batch.endEvent(1);
        assertThat(batch.hasRoomFor(1000)).isFalse();
        assertThat(batch.eventCount()).isEqualTo(2);
        assertThat(batch.firstSequence()).isEqualTo(7);
        batch.clear();
        assertThat(batch.eventCount()).isZero();
        assertThat(batch.length()).isZero();
    }

    private static List<String> read(final byte[] record) {
        try (FrameReader reader = new FrameReader()) {
            reader.open(record);
            final EventText events = new EventText();
            reader.readEvents(events);
            return events.lines();
        }
    }

    private static byte[] sha256(final byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (final NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
