package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;

/** Reads what a 503 of the ledger says. Stateless. */
final class Refusals {
    private static final byte[] NOT_APPLIED =
            "\"outcome\":\"not_applied\"".getBytes(StandardCharsets.US_ASCII);

    private Refusals() {}

    /** True if the problem in these bytes says that nothing was applied. */
    static boolean isNotApplied(final byte[] bytes, final int offset, final int length) {
        return indexOf(NOT_APPLIED, bytes, offset, offset + length) >= 0;
    }

    /** Where {@code wanted} begins in the bytes between, or -1. */
    static int indexOf(final byte[] wanted, final byte[] bytes, final int from, final int to) {
        for (int i = from; i <= to - wanted.length; i++) {
            int same = 0;
            while (same < wanted.length && bytes[i + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return i;
            }
        }
        return -1;
    }
}
