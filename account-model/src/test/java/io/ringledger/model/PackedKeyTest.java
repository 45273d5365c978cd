package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.event.KeyFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

class PackedKeyTest {
    private static final long SEED = 20_261_121L;
    private static final String ALPHABET =
            "0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz._:-";

    @ParameterizedTest
    @CsvSource({
        "0f8fad5b-d9cb-469f-a165-70867728950e, UUID, 16",
        "00000000-0000-0000-0000-000000000000, UUID, 16",
        "0F8FAD5B-D9CB-469F-A165-70867728950E, TEXT, 36",
        "0f8fad5b-d9cb-469f-a165-70867728950E, TEXT, 36",
        "0f8fad5b-d9cb-469f-a165-70867728950g, TEXT, 36",
        "0f8fad5bd-9cb-469f-a165-70867728950e, TEXT, 36",
        "0f8fad5b_d9cb_469f_a165_70867728950e, TEXT, 36",
        "0f8fad5b0d9cb0469f0a165070867728950e, HEX, 18",
        "0f8fad5bd9cb469fa16570867728950e, HEX, 16",
        "0f8fad5bd9cb469fa16570867728950, TEXT, 31",
        "ab, HEX, 1",
        "AB, TEXT, 2",
        "a, TEXT, 1",
        "-, TEXT, 1",
        "a-, TEXT, 2"
    })
    void shouldTakeTheShortestForm(final String text, final KeyFormat format, final int length) {
        final PackedKey key = pack(text);
        assertThat(key.format()).isEqualTo(format);
        assertThat(key.length()).isEqualTo(length);
        assertThat(new String(key.text(), StandardCharsets.US_ASCII)).isEqualTo(text);
    }

    @Test
    void shouldComeBackAsTheSameTextAndNeverCollide() {
        final Random random = new Random(SEED);
        final Map<String, String> textOfForm = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            final String text = random(random);
            final PackedKey key = pack(text);
            assertThat(new String(key.text(), StandardCharsets.US_ASCII))
                    .as("seed %d", SEED)
                    .isEqualTo(text);
            final StringBuilder form = new StringBuilder(key.format().name());
            for (int j = 0; j < key.length(); j++) {
                form.append((char) (key.bytes()[j] & 0xFF));
            }
            final String other = textOfForm.put(form.toString(), text);
            assertThat(other == null || other.equals(text))
                    .as("seed %d: %s and %s have the same form", SEED, text, other)
                    .isTrue();
        }
    }

    @Test
    void shouldRefuseFormsThatCannotBe() {
        final PackedKey key = new PackedKey();
        refuse(key, KeyFormat.TEXT, 0);
        refuse(key, KeyFormat.TEXT, 65);
        refuse(key, KeyFormat.HEX, 0);
        refuse(key, KeyFormat.HEX, 33);
        refuse(key, KeyFormat.UUID, 15);
        refuse(key, KeyFormat.UUID, 17);
        refuse(key, KeyFormat.NULL_VAL, 16);
        key.set(KeyFormat.TEXT, 64);
        key.set(KeyFormat.HEX, 32);
        key.set(KeyFormat.UUID, 16);
        assertThat(key.length()).isEqualTo(16);
    }

    private static void refuse(final PackedKey key, final KeyFormat format, final int length) {
        assertThatThrownBy(() -> key.set(format, length))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("length=" + length);
    }

    private static PackedKey pack(final String text) {
        final PackedKey key = new PackedKey();
        // What the key held before must not matter.
        key.pack("zz".repeat(32));
        key.pack(text);
        return key;
    }

    private static String random(final Random random) {
        if (random.nextInt(4) == 0) {
            return new UUID(random.nextLong(), random.nextLong()).toString();
        }
        final int digits = random.nextBoolean() ? 16 : ALPHABET.length();
        final int length = 1 + random.nextInt(random.nextBoolean() ? 4 : 64);
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(digits)));
        }
        return text.toString();
    }
}
