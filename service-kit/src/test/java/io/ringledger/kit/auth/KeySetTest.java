package io.ringledger.kit.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;

import org.junit.jupiter.api.Test;

import java.text.ParseException;
import java.util.List;

/** When a key set is another one, for which all that is remembered is forgotten. */
final class KeySetTest {
    @Test
    void shouldBeTheSameInWhateverOrder() throws ParseException {
        final List<JWK> keys = JWKSet.parse(Tokens.keySet()).getKeys();
        final KeySet before = KeySet.parse(Tokens.keySet());
        assertThat(before.size()).isGreaterThan(1);
        final KeySet after = KeySet.parse(new JWKSet(keys.reversed()).toString(false));
        assertThat(after.isSameAs(before)).isTrue();
        assertThat(before.isSameAs(after)).isTrue();
    }

    @Test
    void shouldBeAnotherWithAnotherKey() throws ParseException {
        final KeySet before = KeySet.parse(Tokens.keySet());
        final KeySet after = KeySet.parse(Tokens.keySetAfterRotation());
        assertThat(after.isSameAs(before)).isFalse();
        assertThat(before.isSameAs(KeySet.NONE)).isFalse();
        assertThat(before.isSameAs(KeySet.parse(Tokens.keySet()))).isTrue();
    }
}
