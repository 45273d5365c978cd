package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;

class EpochMarkerTest {
    private static final EpochMarker MARKER =
            new EpochMarker(1024, 513, 0x0102030405060708L, 0x1122334455667788L, -2);

    /** Never changes: markers of this version are read for ever. */
    private static final String GOLDEN =
            "524c4d310100000401020000080706050403020188776655443322" + "11feffffffffffffffeccdddec";

    @Test
    void shouldKeepItsBytes() {
        assertThat(HexFormat.of().formatHex(MARKER.toRecord())).isEqualTo(GOLDEN);
        assertThat(EpochMarker.read(HexFormat.of().parseHex(GOLDEN))).isEqualTo(MARKER);
    }

    @Test
    void shouldTellMarkersFromOtherRecords() {
        assertThat(EpochMarker.isMarker(MARKER.toRecord())).isTrue();
        assertThat(EpochMarker.isMarker(new byte[0])).isFalse();
        assertThat(EpochMarker.isMarker(new byte[EpochMarker.LENGTH])).isFalse();
        assertThatThrownBy(() -> new FrameReader().open(MARKER.toRecord()))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void shouldFindEveryFlippedBitAndEveryCut() {
        final byte[] record = MARKER.toRecord();
        for (int bit = 0; bit < record.length * 8; bit++) {
            final byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> EpochMarker.read(flipped)).isInstanceOf(FrameException.class);
        }
        for (int length = 4; length < record.length; length++) {
            final byte[] cut = Arrays.copyOf(record, length);
            assertThatThrownBy(() -> EpochMarker.read(cut)).isInstanceOf(FrameException.class);
        }
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThatThrownBy(() -> new EpochMarker(4, 4, 1, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EpochMarker(4, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
