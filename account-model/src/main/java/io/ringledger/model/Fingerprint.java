package io.ringledger.model;

import io.ringledger.model.event.CommandType;

/**
 * What a command asks for, in 64 bits: the same key with another fingerprint is a misused key. It
 * is computed from the content that stands in the event, so the log need not carry it. Covers
 * everything that a client sends besides account and key. Stateless and thread-safe.
 */
final class Fingerprint {
    private Fingerprint() {}

    static long of(
            final CommandType type,
            final int currency,
            final long amountMinor,
            final byte[] reference,
            final int referenceLength) {
        // Currency and type fill separate bits: together with the amount they are the hash's key.
        final long typeAndCurrency = (long) type.value() << 32 | (currency & 0xFFFFFFFFL);
        return SipHash.hash(amountMinor, typeAndCurrency, reference, 0, referenceLength);
    }
}
