package io.ringledger.localstack;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

import io.ringledger.kit.Scope;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Makes tokens for services on this machine, with a key of its own in a folder: for trying out what
 * an issuer does elsewhere. Immutable.
 */
public final class LocalIssuer {
    private static final String ISSUER = "https://localhost/ringledger";
    private static final String AUDIENCE = "ringledger";

    private final Path keySet;
    private final ECKey key;

    private LocalIssuer(final Path keySet, final ECKey key) {
        this.keySet = keySet;
        this.key = key;
    }

    /** The folder where {@code token} and {@code up} look, unless they are told another one. */
    static Path usualFolder() {
        return Path.of(
                System.getProperty("ringledger.root", "."), "local-stack", "target", "tokens");
    }

    /**
     * The issuer whose key is in this folder; both are made if they are not there, the key readable
     * by its owner only.
     *
     * @throws IOException if the folder cannot be used, or the file in it holds no key
     */
    public static LocalIssuer in(final Path folder) throws IOException {
        Files.createDirectories(folder);
        final Path privateKey = folder.resolve("private-key.json");
        final Path keySet = folder.resolve("keys.json");
        try {
            createIfMissing(privateKey);
            final ECKey key = ECKey.parse(Files.readString(privateKey));
            final String keys = new JWKSet(key.toPublicJWK()).toString();
            // Services read it again and again: never a half one.
            if (!Files.exists(keySet) || !Files.readString(keySet).equals(keys)) {
                final Path part = Files.createTempFile(folder, "keys", ".part");
                Files.writeString(part, keys);
                Files.move(part, keySet, StandardCopyOption.ATOMIC_MOVE);
            }
            return new LocalIssuer(keySet, key);
        } catch (final JOSEException | ParseException e) {
            throw new IOException("no key in " + privateKey + ": " + e.getMessage(), e);
        }
    }

    /** There at once and whole, whoever else makes one at the same time. */
    private static void createIfMissing(final Path file) throws IOException, JOSEException {
        if (Files.exists(file)) {
            return;
        }
        final FileAttribute<?> ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        final Path part =
                Files.createTempFile(file.toAbsolutePath().getParent(), "key", ".part", ownerOnly);
        try {
            final ECKey key = new ECKeyGenerator(Curve.P_256)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
            Files.writeString(part, key.toJSONString());
            Files.createLink(file, part);
        } catch (final FileAlreadyExistsException e) {
            // Somebody else was first: theirs counts.
        } finally {
            Files.delete(part);
        }
    }

    /**
     * A token.
     *
     * @param clientId who it is for
     * @param accountPrefix what the ids of their accounts begin with, {@code *}: all
     * @param scopes what they may do
     * @param expiresAt until when
     */
    public String token(
            final String clientId,
            final String accountPrefix,
            final Collection<Scope> scopes,
            final Instant expiresAt) {
        final JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject(clientId)
                .claim("client_id", clientId)
                .claim("account_prefix", accountPrefix)
                .claim(
                        "scope",
                        scopes.stream()
                                .map(scope -> "ringledger:" + scope.wireName())
                                .collect(Collectors.joining(" ")))
                .jwtID(UUID.randomUUID().toString())
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(expiresAt))
                .build();
        final SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(key.getKeyID())
                        .build(),
                claims);
        try {
            token.sign(new ECDSASigner(key));
        } catch (final JOSEException e) {
            throw new IllegalStateException("cannot sign with the key beside " + keySet, e);
        }
        return token.serialize();
    }

    /** The settings by which a service takes its tokens. */
    public Map<String, String> settings() {
        final Map<String, String> settings = new TreeMap<>();
        settings.put("RINGLEDGER_AUTH", "jwt");
        settings.put("RINGLEDGER_AUTH_JWKS", keySet.toAbsolutePath().toUri().toString());
        settings.put("RINGLEDGER_AUTH_ISSUER", ISSUER);
        settings.put("RINGLEDGER_AUTH_AUDIENCE", AUDIENCE);
        return settings;
    }
}
