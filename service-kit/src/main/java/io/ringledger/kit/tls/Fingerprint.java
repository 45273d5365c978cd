package io.ringledger.kit.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a certificate, by which one process recognises another without anybody who vouches
 * for it.
 *
 * @param hex 64 digits, lower case
 */
public record Fingerprint(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    /**
     * Refuses every other text.
     *
     * @throws IllegalArgumentException if it is none
     */
    public Fingerprint {
        if (!FORM.matcher(hex).matches()) {
            throw new IllegalArgumentException("not the SHA-256 of a certificate: " + hex);
        }
    }

    /** Of this certificate. */
    static Fingerprint of(final X509Certificate certificate) {
        try {
            return new Fingerprint(HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())));
        } catch (final NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}
