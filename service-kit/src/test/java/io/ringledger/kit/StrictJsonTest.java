package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;

final class StrictJsonTest {
    private static final long MAX = 9_007_199_254_740_991L;
    private static final int AMOUNT = 0;
    private static final StrictJson.Members MEMBERS =
            StrictJson.Members.required("amount").optional("reference");

    private record Credit(long amount, String reference) {}

    private final StrictJson json = new StrictJson();

    private Credit read(final byte[] bytes) throws ProblemException {
        // Not from the start of the array: offsets must be respected.
        final byte[] padded = new byte[bytes.length + 7];
        System.arraycopy(bytes, 0, padded, 3, bytes.length);
        json.open(padded, 3, bytes.length);
        json.beginObject(MEMBERS);
        long amount = 0;
        String reference = "";
        for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
            if (member == AMOUNT) {
                amount = json.readLong(1, MAX);
            } else {
                reference = json.readText();
            }
        }
        json.end();
        return new Credit(amount, reference);
    }

    private Problem refused(final byte[] bytes) {
        return assertThrows(ProblemException.class, () -> read(bytes)).problem();
    }

    private Problem refused(final String text) {
        return refused(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadWhatIsRight() throws ProblemException {
        assertThat(read("{\"amount\":1}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Credit(1, ""));
        assertThat(read(
                        " {\"reference\" : \"\\u00e9 Ü 😀\", \"\\u0061mount\":9007199254740991}\r\n\t "
                                .getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Credit(MAX, "é Ü 😀"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|MALFORMED_JSON|",
                "` `|MALFORMED_JSON|",
                "{|MALFORMED_JSON|",
                "{\"amount\"|MALFORMED_JSON|",
                "{\"amount\":1|MALFORMED_JSON|",
                "{\"amount\":1,}|MALFORMED_JSON|",
                "{amount:1}|MALFORMED_JSON|",
                "{'amount':1}|MALFORMED_JSON|",
                "{\"amount\":1}x|MALFORMED_JSON|",
                "{\"amount\":1}{}|MALFORMED_JSON|",
                "{\"amount\":1}]|MALFORMED_JSON|",
                "{\"amount\":1}/**/|MALFORMED_JSON|",
                "{\"amount\":1// one|MALFORMED_JSON|",
                "{\"amount\":01}|MALFORMED_JSON|",
                "{\"amount\":+1}|MALFORMED_JSON|",
                "{\"amount\":.5}|MALFORMED_JSON|",
                "{\"amount\":1.}|MALFORMED_JSON|",
                "{\"amount\":NaN}|MALFORMED_JSON|",
                "{\"amount\":Infinity}|MALFORMED_JSON|",
                "{\"amount\":1x}|MALFORMED_JSON|",
                "{\"amount\":1_000}|MALFORMED_JSON|",
                "{\"amount\":1,\"reference\":\"a\tb\"}|MALFORMED_JSON|",
                "{\"amount\":1,\"reference\":\"\\x\"}|MALFORMED_JSON|",
                "{\"amount\":1,\"amount\":1}|DUPLICATE_MEMBER|/amount",
                "{\"amount\":1,\"\\u0061mount\":2}|DUPLICATE_MEMBER|/amount",
                "{\"amount\":1,\"Amount\":1}|UNKNOWN_MEMBER|/Amount",
                "{\"amount\":1,\"\":1}|UNKNOWN_MEMBER|/",
                "{\"a/b~c\":1}|UNKNOWN_MEMBER|/a~1b~0c",
                "{\"reference\":\"a\"}|MISSING_MEMBER|/amount",
                "{}|MISSING_MEMBER|/amount",
                "[]|INVALID_VALUE|",
                "1|INVALID_VALUE|",
                "null|INVALID_VALUE|",
                "\"amount\"|INVALID_VALUE|",
                "{\"amount\":0}|INVALID_VALUE|/amount",
                "{\"amount\":-0}|INVALID_VALUE|/amount",
                "{\"amount\":-1}|INVALID_VALUE|/amount",
                "{\"amount\":1.0}|INVALID_VALUE|/amount",
                "{\"amount\":1e3}|INVALID_VALUE|/amount",
                "{\"amount\":0.5}|INVALID_VALUE|/amount",
                "{\"amount\":\"5\"}|INVALID_VALUE|/amount",
                "{\"amount\":true}|INVALID_VALUE|/amount",
                "{\"amount\":null}|INVALID_VALUE|/amount",
                "{\"amount\":{}}|INVALID_VALUE|/amount",
                "{\"amount\":[1]}|INVALID_VALUE|/amount",
                "{\"amount\":[1}|MALFORMED_JSON|",
                "{\"amount\":9007199254740992}|INVALID_VALUE|/amount",
                "{\"amount\":9223372036854775808}|INVALID_VALUE|/amount",
                "{\"amount\":18446744073709551617}|INVALID_VALUE|/amount",
                "{\"amount\":1,\"reference\":1}|INVALID_VALUE|/reference",
                "{\"amount\":1,\"reference\":null}|INVALID_VALUE|/reference",
            })
    void shouldRefuseWithTheCodeAndPlaceOfTheFirstError(
            final String body, final ProblemCode code, final String pointerOrNull) {
        final Problem problem = refused(body);

        assertThat(problem.code()).as(problem.detail()).isEqualTo(code);
        if (code == ProblemCode.MALFORMED_JSON) {
            assertThat(problem.errors()).isEmpty();
        } else {
            final String pointer = pointerOrNull == null ? "" : pointerOrNull;
            assertThat(problem.errors())
                    .singleElement()
                    .extracting(Problem.InvalidMember::pointer)
                    .isEqualTo(pointer);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 21, 400, 1_000, 100_000})
    void shouldRefuseHugeNumbersAsInvalidValue(final int zeros) {
        final Problem problem = refused("{\"amount\":1" + "0".repeat(zeros) + "}");

        assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
    }

    @Test
    void shouldBoundTheDepth() {
        assertThat(refused("[".repeat(1_000) + "]".repeat(1_000)).code())
                .isEqualTo(ProblemCode.MALFORMED_JSON);
        assertThat(refused("{\"amount\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}")
                        .code())
                .isEqualTo(ProblemCode.MALFORMED_JSON);
        assertThat(refused("{\"amount\":" + "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_001))
                        .detail())
                .isEqualTo("the body is nested deeper than 16");
        assertThat(refused("{\"amount\":" + "[".repeat(15) + "]".repeat(15) + "}")
                        .code())
                .isEqualTo(ProblemCode.INVALID_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80", // a continuation alone
                "C3", // cut off before the quote
                "C0AF", // overlong /
                "E080AF", // overlong /
                "F08080AF", // overlong /
                "EDA080", // U+D800
                "EDBFBF", // U+DFFF
                "EDA0BDEDB880", // a surrogate pair, each on its own
                "F4908080", // above U+10FFFF
                "F8888080", // five bytes
                "FE",
                "FF",
            })
    void shouldRefuseWhatIsNotUtf8(final String hex) {
        final String before = "{\"amount\":1,\"reference\":\"";
        final byte[] bytes = HexFormat.of()
                .parseHex(HexFormat.of().formatHex(before.getBytes(StandardCharsets.UTF_8))
                        + hex
                        + HexFormat.of().formatHex("\"}".getBytes(StandardCharsets.UTF_8)));

        assertThat(refused(bytes).detail()).isEqualTo("the body is not valid UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void shouldNotGuessAnotherEncoding(final String charset) {
        final byte[] bytes = "{\"amount\":1}".getBytes(Charset.forName(charset));

        assertThat(refused(bytes).code()).isEqualTo(ProblemCode.MALFORMED_JSON);
    }

    @Test
    void shouldRefuseAByteOrderMark() {
        assertThat(refused("\uFEFF{\"amount\":1}").code()).isEqualTo(ProblemCode.MALFORMED_JSON);
    }

    @Test
    void shouldNotKeepNamesThatClientsMakeUp() throws ProblemException {
        final byte[] right = "{\"amount\":7,\"reference\":\"r\"}".getBytes(StandardCharsets.UTF_8);
        read(right);
        final int before = StrictJson.sharedNames();
        assertThat(before).isPositive();
        for (int i = 0; i < 2_000; i++) {
            refused("{\"name" + i + "\":1}");
            refused("{\"amount\":{\"nested" + i + "\":1}}");
            refused("{\"amount\":1,\"also" + i + "\":1}");
            read(right);
        }
        assertThat(StrictJson.sharedNames()).isEqualTo(before);
    }

    @Test
    void shouldGoOnAfterADocumentThatWasRefused() throws ProblemException {
        final byte[] right = "{\"amount\":7}".getBytes(StandardCharsets.UTF_8);
        final Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            final byte[] mutated = right.clone();
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            try {
                read(mutated);
            } catch (final ProblemException e) {
                assertThat(e.problem().code().status()).isEqualTo(400);
                assertThat(e.problem().toBytes()).isNotEmpty();
            }
            assertThat(read(right)).isEqualTo(new Credit(7, ""));
        }
    }
}
