package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Base64;

final class EntriesCursorTest {
    private static final String ACCOUNT = "acc-1";
    private static final String ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 255, 256, 184_467, Long.MAX_VALUE - 1, Long.MAX_VALUE})
    void shouldDecodeWhatItEncodes(final long sequence) {
        final String cursor = EntriesCursor.encode(ACCOUNT, sequence);

        assertThat(cursor).hasSize(EntriesCursor.LENGTH).matches("[A-Za-z0-9_-]+");
        assertThat(EntriesCursor.decode(ACCOUNT, cursor)).isEqualTo(sequence);
    }

    @Test
    void shouldRefuseTheCursorOfAnotherAccount() {
        final String cursor = EntriesCursor.encode(ACCOUNT, 7);

        assertThat(EntriesCursor.decode("acc-2", cursor)).isEqualTo(EntriesCursor.INVALID);
        assertThat(EntriesCursor.decode("acc-", cursor)).isEqualTo(EntriesCursor.INVALID);
    }

    @Test
    void shouldRefuseEveryChangeOfOneCharacter() {
        final String cursor = EntriesCursor.encode(ACCOUNT, 184_467);
        int tried = 0;
        for (int at = 0; at < cursor.length(); at++) {
            for (int letter = 0; letter < ALPHABET.length(); letter++) {
                final char c = ALPHABET.charAt(letter);
                if (cursor.charAt(at) != c) {
                    final String changed = cursor.substring(0, at) + c + cursor.substring(at + 1);
                    assertThat(EntriesCursor.decode(ACCOUNT, changed))
                            .as(changed)
                            .isEqualTo(EntriesCursor.INVALID);
                    tried++;
                }
            }
        }
        assertThat(tried).isEqualTo(24 * 63);
    }

    @Test
    void shouldRefuseTextsThatAreNoCursor() {
        final String cursor = EntriesCursor.encode(ACCOUNT, 1);
        final String padded = Base64.getUrlEncoder().encodeToString(new byte[17]);
        for (final String text : new String[] {
            "",
            "x",
            cursor + "A",
            cursor.substring(1),
            cursor.substring(0, 23) + "=",
            cursor.substring(0, 23) + "+",
            cursor.substring(0, 23) + "\u00e9",
            " " + cursor.substring(1),
            padded,
            "A".repeat(24),
            "A".repeat(2000)
        }) {
            assertThat(EntriesCursor.decode(ACCOUNT, text)).as(text).isEqualTo(-1);
        }
    }

    @Test
    void shouldNotEncodeASequenceThatNoEventHas() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntriesCursor.encode(ACCOUNT, 0))
                .withMessage("invalid cursor: sequence=0");
    }
}
