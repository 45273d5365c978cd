package io.ringledger.model;

/** The bounds that every amount, balance and text of the ledger keeps. */
public final class LedgerLimits {
    /**
     * Largest amount, credit limit and absolute balance, in minor units: 2^53 - 1, the largest
     * integer that every JSON reader holds exactly (RFC 8259, section 6).
     */
    public static final long MAX_MINOR = 9_007_199_254_740_991L;

    /** Longest account id, in characters of {@code A-Za-z0-9._:-}. */
    public static final int MAX_ACCOUNT_ID_LENGTH = 64;

    /** Longest idempotency key, in characters of {@code A-Za-z0-9._:-}. */
    public static final int MAX_KEY_LENGTH = 64;

    /** Longest reference in bytes: 256 code points of at most four bytes. */
    public static final int MAX_REFERENCE_BYTES = 1024;

    /** Largest number of partitions of one ledger. */
    public static final int MAX_PARTITIONS = 1024;

    private LedgerLimits() {}
}
