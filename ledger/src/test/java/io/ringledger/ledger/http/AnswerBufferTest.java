package io.ringledger.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Random;

final class AnswerBufferTest {
    private final AnswerBuffer buffer = new AnswerBuffer();

    @Test
    void shouldWriteNumbersAsTheJdkDoes() {
        final Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            final long value = random.nextLong() >> random.nextInt(64);
            assertNumber(value);
        }
        for (long power = 1; power > 0 && power < Long.MAX_VALUE / 10; power *= 10) {
            assertNumber(power);
            assertNumber(power - 1);
            assertNumber(-power);
        }
        assertNumber(Long.MIN_VALUE);
        assertNumber(Long.MAX_VALUE);
        assertNumber(0);
    }

    private void assertNumber(final long value) {
        assertThat(buffer.clear().number(value).toBuffer().toString())
                .isEqualTo(Long.toString(value));
    }

    @Test
    void shouldWriteEveryCharacterSoThatItIsReadBack() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint += 1) {
            final boolean isSkipped = codePoint >= 0x3000 && codePoint % 97 != 0;
            if (isSkipped || Character.getType(codePoint) == Character.SURROGATE) {
                continue;
            }
            final String text = "a" + Character.toString(codePoint) + "\\\"b";
            final String json = "[" + buffer.clear().string(text).toBuffer() + "]";
            assertThat(new JsonArray(json).getString(0)).isEqualTo(text);
        }
    }

    @Test
    void shouldWriteTimesAsTheJdkDoes() {
        final DateTimeFormatter expected =
                new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
        final Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            final long ms = random.nextLong(-10_000_000_000L, 4_000_000_000_000L);
            for (int step = 0; step < 3; step++) {
                assertThat(buffer.clear().time(ms + step * 400L).toBuffer().toString())
                        .isEqualTo(expected.format(Instant.ofEpochMilli(ms + step * 400L)));
            }
        }
    }

    @Test
    void shouldGrow() {
        final String text = "0123456789".repeat(1_000);
        assertThat(buffer.clear().string(text).plain(text).toBuffer().length()).isEqualTo(20_002);
    }
}
