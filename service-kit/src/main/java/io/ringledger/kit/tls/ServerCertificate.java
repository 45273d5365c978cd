package io.ringledger.kit.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate, those that vouch for it, and its key, which was seen to be its own. Immutable. */
final class ServerCertificate {
    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final byte[] PROBE = "ringledger".getBytes(StandardCharsets.US_ASCII);

    private final byte[] chainPem;
    private final byte[] keyPem;
    private final X509Certificate own;

    private ServerCertificate(
            final byte[] chainPem, final byte[] keyPem, final X509Certificate own) {
        this.chainPem = chainPem;
        this.keyPem = keyPem;
        this.own = own;
    }

    /**
     * Reads both, and tries the key against the certificate: of two files that are replaced one
     * after the other, the first comes with the other's old content.
     *
     * @throws GeneralSecurityException if they are not what they should be; the message says why,
     *     and has nothing of the key
     */
    static ServerCertificate of(final byte[] chainPem, final byte[] keyPem)
            throws GeneralSecurityException {
        final var chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(chainPem));
        if (chain.isEmpty()) {
            throw new CertificateException("no certificate in the file");
        }
        final X509Certificate own = (X509Certificate) chain.iterator().next();
        requirePair(own.getPublicKey(), privateKey(keyPem, own.getPublicKey().getAlgorithm()));
        return new ServerCertificate(chainPem.clone(), keyPem.clone(), own);
    }

    private static PrivateKey privateKey(final byte[] pem, final String algorithm)
            throws GeneralSecurityException {
        final Matcher key = KEY.matcher(new String(pem, StandardCharsets.US_ASCII));
        if (!key.find()) {
            throw new GeneralSecurityException("no key of the form BEGIN PRIVATE KEY (PKCS#8)");
        }
        final byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(key.group(1));
        } catch (final IllegalArgumentException e) {
            throw new GeneralSecurityException("the key is not valid PEM", e);
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    private static void requirePair(final PublicKey publicKey, final PrivateKey privateKey)
            throws GeneralSecurityException {
        final String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default ->
                throw new GeneralSecurityException(
                        "the key must be RSA or EC, not " + publicKey.getAlgorithm());
        };
        final Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(PROBE);
        final byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
    }

    /** For a server of Vert.x. */
    PemKeyCertOptions toVertx() {
        return new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(chainPem))
                .addKeyValue(Buffer.buffer(keyPem));
    }

    boolean isFrom(final byte[] otherChainPem, final byte[] otherKeyPem) {
        return Arrays.equals(chainPem, otherChainPem) && Arrays.equals(keyPem, otherKeyPem);
    }

    /** What others recognise it by. */
    Fingerprint fingerprint() {
        return Fingerprint.of(own);
    }

    Instant begin() {
        return own.getNotBefore().toInstant();
    }

    Instant end() {
        return own.getNotAfter().toInstant();
    }

    @Override
    public String toString() {
        return own.getSubjectX500Principal() + ", serial="
                + own.getSerialNumber().toString(16) + ", end=" + end() + ", sha256="
                + fingerprint();
    }
}
