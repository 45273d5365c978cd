package io.ringledger.kit.auth;

import io.ringledger.kit.Grant;

import java.util.Locale;

/** What came of checking a token. */
sealed interface Verdict {
    /**
     * The token is good.
     *
     * @param grant what it allows
     * @param expiresAtMs until when, in milliseconds since 1970 UTC, the clock's skew included
     * @param keys the keys that it was checked with
     */
    record Granted(Grant grant, long expiresAtMs, KeySet keys) implements Verdict {}

    /**
     * The token is not.
     *
     * @param reason why, for those who run the service; clients hear one answer for all of them
     */
    record Refused(Reason reason) implements Verdict {}

    /** Why a request is refused; each has a counter. */
    enum Reason {
        /** No token, or not one alone. */
        NO_TOKEN,
        /** Not a signed JWT, {@code alg} {@code none} included, or one with critical extensions. */
        MALFORMED,
        /** Signed in a way that is not accepted. */
        ALGORITHM,
        /** It names a key that is not in the key set. */
        UNKNOWN_KEY,
        /** Another type of token, or not signed by that key. */
        REJECTED,
        /** Expired, not valid yet, another issuer's, for another audience, or without what it needs. */
        CLAIMS,
        /** Good, but not for this. */
        MISSING_SCOPE,
        /** Good, but its client asks too fast. */
        RATE_LIMITED,
        /** Too many tokens are being checked. */
        BUSY,
        /** The keys could not be read yet. */
        NO_KEYS;

        private final String label = name().toLowerCase(Locale.ROOT);

        String label() {
            return label;
        }
    }
}
