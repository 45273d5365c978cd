package io.ringledger.kit.auth;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.proc.SecurityContext;

import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The public keys that tokens may be signed with, as they were at one time. Immutable. Of a key set
 * it takes what can check a signature: RSA keys of 2,048 bits or more and elliptic curves, with a
 * key id, not for encryption. Shared secrets are left out, so that no token can be checked with one.
 */
final class KeySet implements SecurityContext {
    /** No keys: none have been read yet. */
    static final KeySet NONE = new KeySet(List.of());

    private static final int MIN_RSA_BITS = 2_048;
    private static final int MAX_KEYS = 100;

    private final JWKSet keys;
    private final Set<String> ids = new HashSet<>();

    private KeySet(final List<JWK> keys) {
        this.keys = new JWKSet(keys);
        keys.forEach(key -> ids.add(key.getKeyID()));
    }

    /**
     * Reads a JSON Web Key Set.
     *
     * @throws ParseException if it is none, or has no key to check a signature with, or very many
     */
    static KeySet parse(final String json) throws ParseException {
        final List<JWK> usable = new ArrayList<>();
        for (final JWK key : JWKSet.parse(json).getKeys()) {
            if (isUsable(key)) {
                usable.add(key.toPublicJWK());
            }
        }
        if (usable.isEmpty() || usable.size() > MAX_KEYS) {
            throw new ParseException(
                    "number of keys that can check a signature: " + usable.size()
                            + ", must be 1 to " + MAX_KEYS,
                    0);
        }
        return new KeySet(usable);
    }

    /** True if a key has this id. */
    boolean has(final String keyId) {
        return ids.contains(keyId);
    }

    /** The keys that a token may be signed with, going by its header. */
    List<JWK> select(final JWKSelector selector) {
        return selector.select(keys);
    }

    /** How many keys there are. */
    int size() {
        return keys.size();
    }

    /** True if both hold the same keys; an issuer may list them in another order each time. */
    boolean isSameAs(final KeySet other) {
        return Set.copyOf(keys.getKeys()).equals(Set.copyOf(other.keys.getKeys()));
    }

    private static boolean isUsable(final JWK key) {
        final boolean isStrong = key instanceof ECKey
                || (key instanceof final RSAKey rsa && rsa.size() >= MIN_RSA_BITS);
        return isStrong && key.getKeyID() != null && !KeyUse.ENCRYPTION.equals(key.getKeyUse());
    }
}
