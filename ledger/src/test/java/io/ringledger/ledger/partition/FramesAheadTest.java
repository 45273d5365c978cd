package io.ringledger.ledger.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameReader;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Frames that are opened ahead are the frames that a reader opens itself, errors included. */
class FramesAheadTest {
    private static final int LARGE_EVENTS = 2_000;

    private final Random random = new Random(1);
    private final AccountModel written = new AccountModel(ModelContext.small(1));
    private byte[] previousHash = FrameFormat.noHash();
    private long frames;

    @Test
    void shouldFoldLargeAndSmallFramesAlike() {
        final List<byte[]> records = new ArrayList<>();
        for (final int events : new int[] {5, LARGE_EVENTS, LARGE_EVENTS, 1, LARGE_EVENTS, 3}) {
            records.add(frame(0, events));
        }
        final AccountModel folded = new AccountModel(ModelContext.small(2));
        try (FramesAhead ahead = new FramesAhead(0);
                FrameReader alone = new FrameReader()) {
            for (int i = 0; i < records.size(); i++) {
                final byte[] following = i + 1 < records.size() ? records.get(i + 1) : null;
                final FrameReader reader = ahead.open(records.get(i), following);
                assertThat(reader.header()).isEqualTo(alone.open(records.get(i)));
                assertThat(reader.hash()).isEqualTo(alone.hash());
                assertThat(reader.previousHash()).isEqualTo(alone.previousHash());
                reader.readEvents(folded);
            }
        }
        assertThat(folded.stateHash()).isEqualTo(written.stateHash());
    }

    @Test
    void shouldThrowWhereADamagedFrameIsAskedFor() {
        final byte[] first = frame(0, LARGE_EVENTS);
        final byte[] damaged = frame(0, LARGE_EVENTS);
        damaged[damaged.length / 2]++;
        try (FramesAhead ahead = new FramesAhead(0)) {
            ahead.open(first, damaged).readEvents(new AccountModel(ModelContext.small(2)));
            assertThatThrownBy(() -> ahead.open(damaged, null))
                    .isInstanceOf(FrameException.class)
                    .hasMessageContaining("checksum differs");
            assertThat(ahead.open(first, null).header().eventCount()).isEqualTo(LARGE_EVENTS);
        }
    }

    /** The record that was begun is not asked for after all, whatever is wrong with it. */
    @Test
    void shouldOpenAnotherRecordThanTheOneThatWasBegun() {
        final byte[] first = frame(0, LARGE_EVENTS);
        final byte[] second = frame(0, LARGE_EVENTS);
        final byte[] damaged = second.clone();
        damaged[damaged.length / 2]++;
        try (FramesAhead ahead = new FramesAhead(0)) {
            assertThat(ahead.open(first, damaged).hash()).isEqualTo(FrameFormat.hashOf(first));
            assertThat(ahead.open(second, damaged).hash()).isEqualTo(FrameFormat.hashOf(second));
        }
    }

    @Test
    void shouldOpenFramesOfOtherPartitionsAndPassMarkersBy() {
        final byte[] own = frame(0, LARGE_EVENTS);
        final byte[] other = frame(1, LARGE_EVENTS);
        final byte[] marker = new EpochMarker(2, 0, 1, 1, 0).toRecord();
        try (FramesAhead ahead = new FramesAhead(0)) {
            assertThat(ahead.open(own, marker).header().partition()).isZero();
            assertThat(ahead.open(own, other).header().partition()).isZero();
            final FrameReader reader = ahead.open(other, null);
            assertThat(reader.header().partition()).isOne();
            assertThat(reader.hash()).isEqualTo(FrameFormat.hashOf(other));
        }
    }

    private byte[] frame(final int partition, final int events) {
        final EventBatch batch = new EventBatch(1 << 20);
        final Command command = new Command();
        for (int i = 0; i < events; i++) {
            final String key = new UUID(random.nextLong(), random.nextLong()).toString();
            if (written.accountCount() == 0) {
                command.openAccount("A", key, CurrencyCode.pack("EUR"), 0);
            } else {
                command.credit("A", key, 1 + random.nextInt(1_000), "");
            }
            written.submit(command, 1_000, batch, new Outcome());
        }
        frames++;
        try (FrameEncoder encoder = new FrameEncoder(partition, 2)) {
            final byte[] record = encoder.encode(batch, 1, frames, previousHash);
            previousHash = FrameFormat.hashOf(record);
            return record;
        }
    }
}
