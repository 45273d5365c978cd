package io.ringledger.kit.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An issuer of tokens, good and bad ones, with keys of its own. */
public final class Tokens {
    /** Who signs. */
    public static final String ISSUER = "https://issuer.test/ringledger";

    /** Who the tokens are for. */
    public static final String AUDIENCE = "ringledger-test";

    private static final long HOUR_MS = 3_600_000;
    private static final RSAKey RSA = rsa("rsa-1");
    private static final ECKey EC = ec("ec-1");
    private static final RSAKey STRANGER = rsa("rsa-1");
    private static final RSAKey UNPUBLISHED = rsa("rsa-2");
    private static final OctetSequenceKey SECRET = secret("secret-1");

    /** Headers that must be answered 401, whatever the route. */
    public enum Bad {
        /** No token at all. */
        NO_TOKEN,
        /** Two of them, both good. */
        TWO_TOKENS,
        /** Another scheme. */
        ANOTHER_SCHEME,
        /** No JWT. */
        NOT_A_TOKEN,
        /** Expired, by more than clocks may be off. */
        EXPIRED,
        /** Without an expiry. */
        NO_EXPIRY,
        /** Not valid yet. */
        NOT_YET_VALID,
        /** Somebody else's. */
        WRONG_ISSUER,
        /** For somebody else. */
        WRONG_AUDIENCE,
        /** For nobody. */
        NO_AUDIENCE,
        /** An id token. */
        WRONG_TYPE,
        /** Of no type. */
        NO_TYPE,
        /** Not signed: {@code alg} is {@code none}. */
        ALG_NONE,
        /** Signed by HMAC with the public key, which everybody knows. */
        HMAC_WITH_PUBLIC_KEY,
        /** Signed by HMAC with a secret that is in the key set by mistake. */
        HMAC_WITH_SECRET,
        /** Signed by a key that is not in the key set. */
        UNKNOWN_KEY,
        /** Naming no key. */
        NO_KEY_ID,
        /** Signed by another key than the one it names. */
        WRONG_SIGNATURE,
        /** Changed after it was signed. */
        CHANGED,
        /** Bringing its own key along. */
        OWN_KEY,
        /** Of nobody: neither client nor subject. */
        NO_CLIENT;

        /** The header lines of a request, each with its line end. */
        public String headers() {
            return switch (this) {
                case NO_TOKEN -> "";
                case TWO_TOKENS -> bearer(good("*")) + bearer(good("*"));
                case ANOTHER_SCHEME -> "Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
                default -> bearer(token());
            };
        }

        private String token() {
            final JWTClaimsSet good = claims("*", "read", "write", "operate").build();
            final JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder(good);
            return switch (this) {
                case NO_TOKEN, TWO_TOKENS, ANOTHER_SCHEME -> throw new IllegalStateException();
                case NOT_A_TOKEN -> "e30.e30";
                case EXPIRED -> sign(claims.expirationTime(inMs(-HOUR_MS)).build());
                case NO_EXPIRY -> sign(claims.expirationTime(null).build());
                case NOT_YET_VALID ->
                    sign(claims.notBeforeTime(inMs(HOUR_MS / 2)).build());
                case WRONG_ISSUER -> sign(claims.issuer(ISSUER + "/").build());
                case WRONG_AUDIENCE -> sign(claims.audience("another-service").build());
                case NO_AUDIENCE -> sign(claims.audience((String) null).build());
                case WRONG_TYPE -> sign(header(RSA).type(JOSEObjectType.JWT).build(), RSA, good);
                case NO_TYPE -> sign(header(RSA).type(null).build(), RSA, good);
                case ALG_NONE -> new PlainJWT(good).serialize();
                case HMAC_WITH_PUBLIC_KEY ->
                    hmac(RSA.getKeyID(), publicPem().getBytes(StandardCharsets.US_ASCII), good);
                case HMAC_WITH_SECRET -> hmac(SECRET.getKeyID(), SECRET.toByteArray(), good);
                case UNKNOWN_KEY -> sign(UNPUBLISHED, good);
                case NO_KEY_ID -> sign(header(RSA).keyID(null).build(), RSA, good);
                case WRONG_SIGNATURE -> sign(STRANGER, good);
                case CHANGED -> changed(sign(good));
                case OWN_KEY ->
                    sign(
                            header(UNPUBLISHED).jwk(UNPUBLISHED.toPublicJWK()).build(),
                            UNPUBLISHED,
                            good);
                case NO_CLIENT ->
                    sign(claims.claim("client_id", null).subject(null).build());
            };
        }
    }

    private Tokens() {}

    /** A good token with every scope. */
    public static String good(final String accountPrefix) {
        return good(accountPrefix, "read", "write", "operate");
    }

    /** A good token with these scopes, each without its prefix. */
    public static String good(final String accountPrefix, final String... scopes) {
        return sign(claims(accountPrefix, scopes).build());
    }

    /** A good token that says nothing of accounts. */
    public static String goodWithoutAccounts() {
        return sign(claims("*", "read", "write", "operate")
                .claim("account_prefix", null)
                .build());
    }

    /** A good token that was signed with the elliptic curve. */
    public static String goodOfCurve(final String accountPrefix) {
        return sign(EC, claims(accountPrefix, "read", "write", "operate").build());
    }

    /** A good token, once its key is published ({@link #keySetAfterRotation}). */
    public static String goodOfNextKey(final String accountPrefix) {
        return sign(
                UNPUBLISHED, claims(accountPrefix, "read", "write", "operate").build());
    }

    /** A good token with other claims than usual; null takes one away. */
    static String goodWith(final Map<String, Object> changes) {
        final JWTClaimsSet.Builder claims = claims("*", "read", "write", "operate");
        changes.forEach(claims::claim);
        return sign(claims.build());
    }

    /** The header line of a token. */
    public static String bearer(final String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    /** The published keys: two good ones, and a shared secret that should not be there. */
    public static String keySet() {
        return json(List.of(RSA, EC), List.of(SECRET));
    }

    /** The keys after the issuer has put another one in the place of the first. */
    public static String keySetAfterRotation() {
        return json(List.of(UNPUBLISHED, EC), List.of());
    }

    /** Settings by which a service accepts the good tokens; writes the keys into this folder. */
    public static Map<String, String> settings(final Path folder) {
        final Path file = folder.resolve("keys.json");
        try {
            // Whole or not there, for a service that reads it at this moment.
            final Path whole = Files.writeString(folder.resolve("keys.new"), keySet());
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        final Map<String, String> settings = new TreeMap<>();
        settings.put("RINGLEDGER_AUTH", "jwt");
        settings.put("RINGLEDGER_AUTH_JWKS", file.toUri().toString());
        settings.put("RINGLEDGER_AUTH_ISSUER", ISSUER);
        settings.put("RINGLEDGER_AUTH_AUDIENCE", AUDIENCE);
        return settings;
    }

    private static JWTClaimsSet.Builder claims(final String accountPrefix, final String... scopes) {
        final StringBuilder scope = new StringBuilder("openid");
        for (final String each : scopes) {
            scope.append(" ringledger:").append(each);
        }
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(List.of("somebody", AUDIENCE))
                .subject("subject-1")
                .claim("client_id", "client-1")
                .claim("scope", scope.toString())
                .claim("account_prefix", accountPrefix)
                .issueTime(inMs(-HOUR_MS))
                .notBeforeTime(inMs(-HOUR_MS))
                .expirationTime(inMs(HOUR_MS));
    }

    private static Date inMs(final long deltaMs) {
        return Date.from(Instant.now().plusMillis(deltaMs));
    }

    private static String sign(final JWTClaimsSet claims) {
        return sign(RSA, claims);
    }

    private static String sign(final JWK key, final JWTClaimsSet claims) {
        return sign(header(key).build(), key, claims);
    }

    private static JWSHeader.Builder header(final JWK key) {
        return new JWSHeader.Builder(key instanceof ECKey ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256)
                .type(new JOSEObjectType("at+jwt"))
                .keyID(key.getKeyID());
    }

    private static String sign(final JWSHeader header, final JWK key, final JWTClaimsSet claims) {
        try {
            return sign(
                    header,
                    key instanceof final ECKey curve
                            ? new ECDSASigner(curve)
                            : new RSASSASigner(key.toRSAKey()),
                    claims);
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hmac(final String keyId, final byte[] secret, final JWTClaimsSet claims) {
        try {
            return sign(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .type(new JOSEObjectType("at+jwt"))
                            .keyID(keyId)
                            .build(),
                    new MACSigner(secret),
                    claims);
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sign(
            final JWSHeader header, final JWSSigner signer, final JWTClaimsSet claims)
            throws JOSEException {
        final SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    /** Another prefix of accounts under the signature of the first. */
    private static String changed(final String token) {
        final String[] parts = token.split("\\.", -1);
        final String other = good("another:").split("\\.", -1)[1];
        return parts[0] + "." + other + "." + parts[2];
    }

    private static String publicPem() {
        try {
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(RSA.toRSAPublicKey().getEncoded())
                    + "\n-----END PUBLIC KEY-----\n";
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the private part of nothing but the secrets, which have no other. */
    private static String json(final List<JWK> keys, final List<JWK> secrets) {
        final List<JWK> all = new ArrayList<>();
        keys.forEach(key -> all.add(key.toPublicJWK()));
        all.addAll(secrets);
        return new JWKSet(all).toString(false);
    }

    private static RSAKey rsa(final String id) {
        try {
            return new RSAKeyGenerator(2_048).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECKey ec(final String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OctetSequenceKey secret(final String id) {
        try {
            return new OctetSequenceKeyGenerator(256).keyID(id).generate();
        } catch (final JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
