package io.ringledger.benchmarks.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

final class BalanceQueriesTest {
    private final BalanceQueries queries =
            new BalanceQueries(1, 1, new SplittableRandom(1), account -> -1_234);

    private Load.Answered answered(final int status, final String body) {
        final byte[] out = new byte[queries.maxRequestBytes()];
        assertThat(new String(out, 0, queries.nextRequest(0, out), StandardCharsets.US_ASCII))
                .startsWith("GET /v1/accounts/account-0000000/balance HTTP/1.1\r\n");
        final byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        return queries.onAnswer(0, status, bytes, 0, bytes.length);
    }

    @Test
    void shouldTakeTheKnownBalanceAlone() {
        assertThat(answered(200, "{\"balance\":-1234,\"held\":0}")).isEqualTo(Load.Answered.DONE);
        assertThat(answered(200, "{\"balance\":1234}")).isEqualTo(Load.Answered.WRONG);
        assertThat(answered(200, "{\"balance\":-12345}")).isEqualTo(Load.Answered.WRONG);
        assertThat(answered(200, "{\"held\":0}")).isEqualTo(Load.Answered.WRONG);
        assertThat(answered(503, "{\"balance\":-1234}")).isEqualTo(Load.Answered.WRONG);
    }
}
