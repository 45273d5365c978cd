package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LogPositionTest {
    @ParameterizedTest
    @CsvSource({
        "0-0, 0, 0",
        "0-1, 0, 1",
        "3-184467, 3, 184467",
        "32766-9223372036854775807, 32766, 9223372036854775807",
        "10-1000000000000000000, 10, 1000000000000000000"
    })
    void shouldParseWhatItFormats(final String text, final int partition, final long sequence) {
        assertThat(LogPosition.parse(text)).isEqualTo(new LogPosition(partition, sequence));
        assertThat(LogPosition.format(partition, sequence)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "0",
                "0-",
                "-1",
                "--1",
                "0--1",
                "1-2-3",
                "00-1",
                "0-01",
                "+0-1",
                "0-+1",
                " 0-1",
                "0-1 ",
                "0 - 1",
                "a-1",
                "0-a",
                "0x1-1",
                "0-1e3",
                "0-1.0",
                "32767-1",
                "99999-1",
                "100000-1",
                "0-9223372036854775808",
                "0-9999999999999999999",
                "0-18446744073709551616",
                "0-10000000000000000000",
                "٠-١",
                "0-1\u0000",
                "0\u20131"
            })
    void shouldRefuseEveryOtherText(final String text) {
        assertThat(LogPosition.parse(text)).isNull();
    }
}
