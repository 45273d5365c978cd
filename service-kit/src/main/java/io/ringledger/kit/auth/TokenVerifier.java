package io.ringledger.kit.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;

import io.ringledger.kit.Grant;
import io.ringledger.kit.Scope;
import io.ringledger.kit.Texts;
import io.ringledger.kit.auth.Verdict.Granted;
import io.ringledger.kit.auth.Verdict.Reason;
import io.ringledger.kit.auth.Verdict.Refused;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.text.ParseException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Checks tokens by the rules of RFC 9068 and RFC 8725: a fixed list of asymmetric algorithms, which
 * the token can only choose from; a key of that kind, by its id; type, issuer, audience and expiry
 * must be there and right. Thread-safe. Takes a fraction of a millisecond of processor time.
 */
final class TokenVerifier {
    /** Asymmetric ones only: with HMAC, whoever knows the public key could sign. */
    static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.ES384);

    private static final Logger LOG = LoggerFactory.getLogger(TokenVerifier.class);
    private static final String EVERY_ACCOUNT = "*";

    private final AuthOptions options;
    private final ClientRates rates;
    private final DefaultJWTProcessor<KeySet> processor = new DefaultJWTProcessor<>();

    /**
     * A verifier by these rules.
     *
     * @param rates how fast clients may ask
     * @param epochMs the clock, in milliseconds since 1970 UTC
     */
    TokenVerifier(final AuthOptions options, final ClientRates rates, final LongSupplier epochMs) {
        this.options = options;
        this.rates = rates;
        final String type = options.tokenType();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                new JOSEObjectType(type), new JOSEObjectType("application/" + type)));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                ALGORITHMS, (selector, keys) -> keys.select(selector)));
        processor.setJWTClaimsSetVerifier(new ClaimsVerifier(options, epochMs));
    }

    /** Checks one token with these keys. Never throws for what a client sent. */
    Verdict verify(final String token, final KeySet keys) {
        final SignedJWT jwt;
        try {
            jwt = SignedJWT.parse(token);
        } catch (final ParseException | RuntimeException e) {
            return refused(Reason.MALFORMED, e);
        }
        final JWSHeader header = jwt.getHeader();
        if (!ALGORITHMS.contains(header.getAlgorithm())) {
            return new Refused(Reason.ALGORITHM);
        }
        if (header.getKeyID() == null || header.getCriticalParams() != null) {
            return new Refused(Reason.MALFORMED);
        }
        if (!keys.has(header.getKeyID())) {
            return new Refused(keys == KeySet.NONE ? Reason.NO_KEYS : Reason.UNKNOWN_KEY);
        }
        try {
            return granted(processor.process(jwt, keys), keys);
        } catch (final BadJWTException | ParseException e) {
            return refused(Reason.CLAIMS, e);
        } catch (final BadJOSEException | JOSEException | RuntimeException e) {
            return refused(Reason.REJECTED, e);
        }
    }

    private Verdict granted(final JWTClaimsSet claims, final KeySet keys) throws ParseException {
        final String clientId = claims.getStringClaim("client_id");
        final String subject = clientId == null ? claims.getSubject() : clientId;
        if (subject == null || subject.isBlank()) {
            return new Refused(Reason.CLAIMS);
        }
        final long expiresAtMs = claims.getExpirationTime().toInstant().toEpochMilli()
                + TimeUnit.SECONDS.toMillis(options.clockSkewS());
        return new Granted(
                new Grant(
                        subject,
                        scopes(claims),
                        accountPrefix(claims.getClaim(options.accountPrefixClaim())),
                        rates.of(subject)),
                expiresAtMs,
                keys);
    }

    /** RFC 8693 has one text with blanks between; some issuers have a list. */
    private Set<Scope> scopes(final JWTClaimsSet claims) {
        final Object claim = claims.getClaim("scope");
        final List<?> named = switch (claim) {
            case null -> List.of();
            case final String text -> Arrays.asList(text.split(" ", -1));
            case final List<?> list -> list;
            default -> List.of();
        };
        final Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (final Scope scope : Scope.values()) {
            if (named.contains(options.scopePrefix() + scope.wireName())) {
                scopes.add(scope);
            }
        }
        return scopes;
    }

    private static @Nullable String accountPrefix(final @Nullable Object claim) {
        if (EVERY_ACCOUNT.equals(claim)) {
            return "";
        }
        return claim instanceof final String prefix && Texts.isToken(prefix) ? prefix : null;
    }

    /** Neither the token nor what it says is logged: it may be good elsewhere. */
    private static Verdict refused(final Reason reason, final Exception cause) {
        LOG.debug("token refused: {}, {}", reason.label(), cause.getClass().getSimpleName());
        return new Refused(reason);
    }

    /** The claims that must be there, and what they must be, by the clock of the process. */
    private static final class ClaimsVerifier extends DefaultJWTClaimsVerifier<KeySet> {
        private final LongSupplier epochMs;

        ClaimsVerifier(final AuthOptions options, final LongSupplier epochMs) {
            super(
                    // Asked for null too, which Set.of would not take.
                    Collections.singleton(options.audience()),
                    new JWTClaimsSet.Builder().issuer(options.issuer()).build(),
                    Set.of("exp"),
                    Set.of());
            this.epochMs = epochMs;
            setMaxClockSkew(options.clockSkewS());
        }

        @Override
        protected Date currentTime() {
            return Date.from(Instant.ofEpochMilli(epochMs.getAsLong()));
        }
    }
}
