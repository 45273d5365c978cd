package io.ringledger.kit.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

final class TraceParentTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN_ID = "b7ad6b7169203331";
    private static final String SAMPLED = "00-" + TRACE_ID + "-" + SPAN_ID + "-01";

    private final TraceIds ids = new TraceIds();

    @Test
    void shouldReadAndWriteTheExampleOfTheStandard() {
        final TraceParent parsed = Objects.requireNonNull(TraceParent.parse(SAMPLED));
        assertThat(parsed.traceIdHigh()).isEqualTo(0x0af7651916cd43ddL);
        assertThat(parsed.traceIdLow()).isEqualTo(0x8448eb211c80319cL);
        assertThat(parsed.spanId()).isEqualTo(0xb7ad6b7169203331L);
        assertThat(parsed.isSampled()).isTrue();
        assertThat(parsed.traceId()).isEqualTo(TRACE_ID);
        assertThat(TraceParent.spanId(parsed.spanId())).isEqualTo(SPAN_ID);
        assertThat(parsed.header()).isEqualTo(SAMPLED).hasToString(parsed.toString());
        assertThat(parsed.withSpan(parsed.spanId(), false).header())
                .isEqualTo("00-" + TRACE_ID + "-" + SPAN_ID + "-00");
        assertThat(parsed.withSpan(1, true).header())
                .isEqualTo("00-" + TRACE_ID + "-0000000000000001-01");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // flags that only later versions know, and a later version with more behind them
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "fe-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-then"
            })
    void shouldTakeWhatItKnowsOfTheFuture(final String value) {
        assertThat(TraceParent.parse(value)).isEqualTo(TraceParent.parse(SAMPLED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "00",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333 -01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
                " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
                "00-\u0660af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            })
    void shouldTakeNothingElse(final String value) {
        assertThat(TraceParent.parse(value)).isNull();
    }

    @Test
    void shouldTakeNothingFromNothing() {
        assertThat(TraceParent.parse(null)).isNull();
    }

    @Test
    void shouldBeReadAgainAsItWasWritten() {
        final Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            final TraceParent begun =
                    i % 3 == 0 ? TraceParent.fresh(true) : TraceParent.begin(ids, i % 2 == 0);
            assertThat(TraceParent.parse(begun.header())).isEqualTo(begun);
            assertThat(seen.add(begun.traceId())).isTrue();
        }
    }

    @Test
    void shouldWriteTheTraceIdInPlace() {
        final byte[] target = new byte[34];
        Objects.requireNonNull(TraceParent.parse(SAMPLED)).putTraceId(target, 1);
        assertThat(target).startsWith(0).endsWith(0);
        assertThat(new String(target, 1, 32, StandardCharsets.US_ASCII)).isEqualTo(TRACE_ID);
    }

    @Test
    void shouldBeginEverySequenceElsewhere() {
        assertThat(new TraceIds().next()).isNotEqualTo(new TraceIds().next());
    }

    @Test
    void shouldRefuseIdsOfZeros() {
        assertThatThrownBy(() -> new TraceParent(0, 0, 1, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TraceParent(1, 0, 0, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
