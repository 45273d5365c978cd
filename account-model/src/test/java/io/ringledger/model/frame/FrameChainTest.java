package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.HandWrittenLog;
import io.ringledger.model.frame.FrameChain.Verdict;
import io.ringledger.model.frame.FrameException.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What follows a frame, and what does not. */
class FrameChainTest {
    private static final int PARTITION = 2;
    private static final int PARTITIONS = 3;
    private static final long EPOCH = 5;

    private final HandWrittenLog log = new HandWrittenLog();
    private final FrameReader reader = new FrameReader();
    private final FrameChain chain = new FrameChain(PARTITION, PARTITIONS);
    private final List<byte[]> records = new ArrayList<>();

    /** Three frames of two events each. */
    @BeforeEach
    void write() {
        byte[] previous = FrameFormat.noHash();
        for (int number = 1; number <= 3; number++) {
            records.add(frame(PARTITION, PARTITIONS, EPOCH, number, 2 * number - 1, previous));
            previous = FrameFormat.hashOf(records.getLast());
        }
    }

    @AfterEach
    void close() {
        reader.close();
    }

    @Test
    void shouldFollowTheFramesOneAfterAnother() {
        for (int i = 0; i < records.size(); i++) {
            assertThat(chain.frameNumber()).isEqualTo(i);
            assertThat(chain.sequence()).isEqualTo(2L * i);
            final FrameHeader header = reader.open(records.get(i));
            assertThat(chain.judge(reader, header)).isEqualTo(Verdict.NEXT);
            // Judging changes nothing.
            assertThat(chain.judge(reader, header)).isEqualTo(Verdict.NEXT);
            chain.advance(reader, header);
            assertThat(chain.judge(reader, header)).isEqualTo(Verdict.SEEN);
        }
        assertThat(chain.frameNumber()).isEqualTo(3);
        assertThat(chain.sequence()).isEqualTo(6);
        assertThat(chain.epoch()).isEqualTo(EPOCH);
        assertThat(chain.partition()).isEqualTo(PARTITION);
        assertThat(chain.hash()).isEqualTo(FrameFormat.hashOf(records.get(2)));
    }

    @Test
    void shouldDropWhatItHasSeen() {
        advance(0);
        advance(1);
        for (int i = 0; i < 2; i++) {
            assertThat(judge(records.get(i))).isEqualTo(Verdict.SEEN);
        }
        assertThat(judge(records.get(2))).isEqualTo(Verdict.NEXT);
    }

    @Test
    void shouldStopAtAGap() {
        refuse(records.get(1), "gap in the frames");
        refuse(records.get(2), "gap in the frames");
        advance(0);
        refuse(records.get(2), "gap in the frames");
        // And go on once the gap is filled.
        advance(1);
        advance(2);
    }

    @Test
    void shouldStopWhereTheChainIsBroken() {
        refuse(frame(PARTITION, PARTITIONS, EPOCH, 1, 1, new byte[32], 0x01), "chain is broken");
        advance(0);
        refuse(frame(PARTITION, PARTITIONS, EPOCH, 2, 3, FrameFormat.noHash()), "chain is broken");
        refuse(
                frame(PARTITION, PARTITIONS, EPOCH, 2, 3, FrameFormat.hashOf(records.get(1))),
                "chain is broken");
        // A fork: the same place in the log, with other content.
        log.at(HandWrittenLog.TIME + 1);
        final byte[] fork = frame(PARTITION, PARTITIONS, EPOCH, 1, 1, FrameFormat.noHash());
        refuse(
                frame(PARTITION, PARTITIONS, EPOCH, 2, 3, FrameFormat.hashOf(fork)),
                "chain is broken");
    }

    @Test
    void shouldStopAtAGapInTheSequences() {
        advance(0);
        final byte[] hash = FrameFormat.hashOf(records.get(0));
        refuse(frame(PARTITION, PARTITIONS, EPOCH, 2, 4, hash), "gap in the sequences");
        refuse(frame(PARTITION, PARTITIONS, EPOCH, 2, 2, hash), "gap in the sequences");
        refuse(frame(PARTITION, PARTITIONS, EPOCH, 2, 1, hash), "gap in the sequences");
    }

    @Test
    void shouldStopAtAnotherPartition() {
        final byte[] none = FrameFormat.noHash();
        refuse(frame(1, PARTITIONS, EPOCH, 1, 1, none), "another partition");
        refuse(frame(PARTITION, 4, EPOCH, 1, 1, none), "another partition");
        advance(0);
        // Even where the number has been seen.
        refuse(frame(1, PARTITIONS, EPOCH, 1, 1, none), "another partition");
    }

    @Test
    void shouldDropFramesOfALowerEpochAndGoOnWhenItGrows() {
        advance(0);
        final byte[] hash = FrameFormat.hashOf(records.get(0));
        assertThat(judge(frame(PARTITION, PARTITIONS, EPOCH - 1, 2, 3, hash)))
                .isEqualTo(Verdict.FENCED);
        final byte[] later = frame(PARTITION, PARTITIONS, EPOCH + 2, 2, 3, hash);
        assertThat(judge(later)).isEqualTo(Verdict.NEXT);
        chain.advance(reader, reader.open(later));
        assertThat(chain.epoch()).isEqualTo(EPOCH + 2);
    }

    @Test
    void shouldFenceWhatLandsAfterTheMarkerOfASuccessor() {
        advance(0);
        assertThat(chain.passMarker(marker(EPOCH + 1))).isTrue();
        assertThat(chain.epoch()).isEqualTo(EPOCH + 1);
        // The next number and a gap alike: a fenced frame proves nothing.
        assertThat(judge(records.get(1))).isEqualTo(Verdict.FENCED);
        assertThat(judge(records.get(2))).isEqualTo(Verdict.FENCED);
        // Landed twice, before and after the marker.
        assertThat(judge(records.get(0))).isEqualTo(Verdict.SEEN);

        final byte[] hash = FrameFormat.hashOf(records.get(0));
        log.at(HandWrittenLog.TIME + 1);
        final byte[] successors = frame(PARTITION, PARTITIONS, EPOCH + 1, 2, 3, hash, 0x01);
        chain.advance(reader, reader.open(successors));
        // The old owner's frame of the same number comes last of all.
        assertThat(judge(records.get(1))).isEqualTo(Verdict.SEEN);
        assertThat(judge(successors)).isEqualTo(Verdict.SEEN);
    }

    @Test
    void shouldIgnoreAMarkerThatComesTwiceOrLate() {
        advance(0);
        assertThat(chain.passMarker(marker(EPOCH + 3))).isTrue();
        assertThat(chain.passMarker(marker(EPOCH + 3))).isFalse();
        assertThat(chain.passMarker(marker(EPOCH + 1))).isFalse();
        assertThat(chain.epoch()).isEqualTo(EPOCH + 3);
        assertThat(chain.frameNumber()).isEqualTo(1);
    }

    @Test
    void shouldStopAtAMarkerOfAnotherPartition() {
        assertThatThrownBy(() -> chain.passMarker(new EpochMarker(PARTITIONS, 1, 5, 0, 0)))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("marker of another partition");
        assertThat(chain.epoch()).isZero();
    }

    @Test
    void shouldStopAtAnotherFrameOfTheSameNumberAndEpoch() {
        final byte[] fork = frame(PARTITION, PARTITIONS, EPOCH, 1, 1, FrameFormat.noHash(), 0x01);
        final byte[] unannounced =
                frame(PARTITION, PARTITIONS, EPOCH + 1, 1, 1, FrameFormat.noHash());
        advance(0);
        for (final byte[] record : List.of(fork, unannounced)) {
            final FrameHeader header = reader.open(record);
            assertThatThrownBy(() -> chain.judge(reader, header))
                    .isInstanceOf(FrameException.class)
                    .hasMessageContaining("two owners wrote this frame")
                    .satisfies(e ->
                            assertThat(((FrameException) e).reason()).isEqualTo(Reason.FORKED));
        }
    }

    private static EpochMarker marker(final long epoch) {
        return new EpochMarker(PARTITIONS, PARTITION, epoch, 1, 2);
    }

    @Test
    void shouldGoOnWhereAnotherReaderStood() {
        advance(0);
        final FrameChain resumed = new FrameChain(
                PARTITION,
                PARTITIONS,
                chain.frameNumber(),
                chain.sequence(),
                chain.epoch(),
                chain.hash());
        final FrameHeader header = reader.open(records.get(1));
        assertThat(resumed.judge(reader, header)).isEqualTo(Verdict.NEXT);
        resumed.advance(header, FrameFormat.hashOf(records.get(1)));
        assertThat(resumed.judge(reader, reader.open(records.get(2)))).isEqualTo(Verdict.NEXT);
    }

    @Test
    void shouldNotAdvanceOverAGap() {
        final FrameHeader header = reader.open(records.get(1));
        assertThatThrownBy(() -> chain.advance(reader, header))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("advanced over a gap");
        assertThat(chain.frameNumber()).isZero();
    }

    /** What a caller does to its arrays later must not reach the chain. */
    @Test
    void shouldKeepItsHashToItself() {
        advance(0);
        final byte[] hash = FrameFormat.hashOf(records.get(1));
        chain.advance(reader.open(records.get(1)), hash);
        hash[0] ^= 1;
        chain.hash()[1] ^= 1;
        assertThat(judge(records.get(2))).isEqualTo(Verdict.NEXT);
    }

    private void advance(final int index) {
        final FrameHeader header = reader.open(records.get(index));
        assertThat(chain.judge(reader, header)).isEqualTo(Verdict.NEXT);
        chain.advance(reader, header);
    }

    private Verdict judge(final byte[] record) {
        return chain.judge(reader, reader.open(record));
    }

    private void refuse(final byte[] record, final String message) {
        final long frameNumber = chain.frameNumber();
        final FrameHeader header = reader.open(record);
        assertThatThrownBy(() -> chain.judge(reader, header))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining(message)
                .satisfies(e ->
                        assertThat(((FrameException) e).reason()).isEqualTo(Reason.OUT_OF_ORDER));
        assertThat(chain.frameNumber()).isEqualTo(frameNumber);
    }

    private byte[] frame(
            final int partition,
            final int partitions,
            final long epoch,
            final long frameNumber,
            final long firstSequence,
            final byte[] previous) {
        log.after(firstSequence - 1).limitChanged("a", e -> {}).limitChanged("b", e -> {});
        try (FrameEncoder encoder = new FrameEncoder(partition, partitions)) {
            return encoder.encode(log.batch(), epoch, frameNumber, previous);
        } finally {
            log.batch().clear();
        }
    }

    private byte[] frame(
            final int partition,
            final int partitions,
            final long epoch,
            final long frameNumber,
            final long firstSequence,
            final byte[] previous,
            final int flip) {
        final byte[] changed = previous.clone();
        changed[31] ^= (byte) flip;
        return frame(partition, partitions, epoch, frameNumber, firstSequence, changed);
    }
}
