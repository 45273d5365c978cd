package io.ringledger.kit.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;

/**
 * Makes a key and a certificate that vouches for itself, in memory: the key is in no file and ends
 * with the process. The JDK reads and checks certificates but has no public way to make one; this
 * writes the one form that is needed, in DER (RFC 5280, 4.1): version 3, ECDSA on P-256, one name.
 * Stateless.
 */
final class SelfSigned {
    private static final String NAME = "ringledger";

    /** Longer than any process lives. */
    private static final Duration LIFE = Duration.ofDays(3_650);

    /** For a peer whose clock is behind. */
    private static final Duration BEFORE = Duration.ofDays(1);

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int UTC_TIME = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;

    /** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
    private static final byte[] ECDSA_WITH_SHA256 = {
        0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
    };

    /** 2.5.4.3, commonName. */
    private static final byte[] COMMON_NAME = {0x06, 0x03, 0x55, 0x04, 0x03};

    /** 2.5.29.17, subjectAltName. */
    private static final byte[] ALTERNATIVE_NAME = {0x06, 0x03, 0x55, 0x1d, 0x11};

    /** The first year that is written as GeneralizedTime. */
    private static final int YEAR_OF_FOUR_DIGITS = 2050;

    private SelfSigned() {}

    static ServerCertificate make(final Instant now) {
        try {
            final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            final KeyPair keys = generator.generateKeyPair();
            final byte[] toSign = toSign(keys, now);
            final Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(toSign);
            final byte[] certificate =
                    der(SEQUENCE, toSign, der(SEQUENCE, ECDSA_WITH_SHA256), bits(signature.sign()));
            return ServerCertificate.of(
                    pem("CERTIFICATE", certificate),
                    pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        } catch (final GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a certificate", e);
        }
    }

    private static byte[] toSign(final KeyPair keys, final Instant now) {
        final byte[] name =
                der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, ascii(NAME)))));
        final byte[] names = der(SEQUENCE, der(DNS_NAME, ascii(NAME)));
        return der(
                SEQUENCE,
                der(VERSION, der(INTEGER, new byte[] {2})),
                der(INTEGER, serial()),
                der(SEQUENCE, ECDSA_WITH_SHA256),
                name,
                der(SEQUENCE, time(now.minus(BEFORE)), time(now.plus(LIFE))),
                name,
                keys.getPublic().getEncoded(),
                der(
                        EXTENSIONS,
                        der(SEQUENCE, der(SEQUENCE, ALTERNATIVE_NAME, der(OCTET_STRING, names)))));
    }

    /** Positive, 127 random bits. */
    private static byte[] serial() {
        return new BigInteger(127, new SecureRandom()).setBit(126).toByteArray();
    }

    private static byte[] time(final Instant time) {
        final boolean isLong = time.atZone(ZoneOffset.UTC).getYear() >= YEAR_OF_FOUR_DIGITS;
        final String text = DateTimeFormatter.ofPattern(
                        isLong ? "uuuuMMddHHmmss'Z'" : "uuMMddHHmmss'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(time);
        return der(isLong ? GENERALIZED_TIME : UTC_TIME, ascii(text));
    }

    private static byte[] bits(final byte[] content) {
        return der(BIT_STRING, new byte[] {0}, content);
    }

    /** Tag, length, and the parts one after the other. */
    private static byte[] der(final int tag, final byte[]... parts) {
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            content.writeBytes(part);
        }
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        final int length = content.size();
        if (length < 0x80) {
            all.write(length);
        } else if (length < 0x100) {
            all.write(0x81);
            all.write(length);
        } else {
            all.write(0x82);
            all.write(length >> 8);
            all.write(length);
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] pem(final String what, final byte[] der) {
        return ascii("-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END "
                + what + "-----\n");
    }
}
