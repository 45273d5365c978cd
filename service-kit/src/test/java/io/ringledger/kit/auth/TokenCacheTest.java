package io.ringledger.kit.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.Grant;

import org.junit.jupiter.api.Test;

final class TokenCacheTest {
    private static final long NOW_MS = 1_000;

    private final TokenCache cache = new TokenCache(10);

    private void put(final String token, final KeySet keys) {
        cache.put(token, new Verdict.Granted(Grant.EVERYTHING, NOW_MS + 1, keys));
    }

    @Test
    void shouldHoldSoManyAndKeepWhatIsUsed() {
        put("used", KeySet.NONE);
        for (int i = 0; i < 1_000; i++) {
            put("t" + i, KeySet.NONE);
            assertThat(cache.get("used", NOW_MS)).as("after %d others", i).isNotNull();
            assertThat(cache.get("t" + i, NOW_MS)).isNotNull();
            assertThat(cache.size()).isLessThanOrEqualTo(10);
        }
        assertThat(cache.get("t1", NOW_MS)).isNull();
    }

    @Test
    void shouldForgetWhatHasExpired() {
        put("t", KeySet.NONE);
        assertThat(cache.get("t", NOW_MS)).isNotNull();
        assertThat(cache.get("t", NOW_MS + 1)).isNull();
    }

    @Test
    void shouldTakeNothingThatWasCheckedWithOtherKeys() throws Exception {
        final KeySet keys = KeySet.parse(Tokens.keySet());
        put("before", KeySet.NONE);
        put("early", keys);
        cache.begin(keys);
        put("late", KeySet.NONE);
        put("right", keys);
        assertThat(cache.get("before", NOW_MS)).isNull();
        assertThat(cache.get("early", NOW_MS)).isNull();
        assertThat(cache.get("late", NOW_MS)).isNull();
        assertThat(cache.get("right", NOW_MS)).isNotNull();
    }
}
