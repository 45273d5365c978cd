package io.ringledger.model;

/** Sees the accounts of a model, one after the other; for checks. */
@FunctionalInterface
public interface AccountVisitor {
    /**
     * One account, in minor units.
     *
     * @param number in the order of opening
     * @param id in ASCII; empty for a {@code @world} account
     * @param currency packed, see {@link CurrencyCode}
     */
    void onAccount(
            int number,
            byte[] id,
            int currency,
            boolean isWorld,
            long balance,
            long held,
            long creditLimit);
}
