package io.ringledger.model;

/**
 * What a model is made with. Sizes only reserve and bound memory; the window is part of how a
 * ledger decides and must be the same for every replay of its log.
 *
 * @param idempotencyWindowMs how long, in ledger time, a key keeps its first outcome
 * @param expectedAccounts accounts to reserve room for
 * @param maxAccounts accounts at which the model says that it is full
 * @param expectedKeys idempotency keys to reserve room for
 * @param maxKeys idempotency keys at which the model says that it is full
 * @param hashSeed0 one half of the secret that keeps clients from choosing ids and keys that
 *     collide in the tables; no decision and no state hash depends on it
 * @param hashSeed1 the other half
 */
public record ModelContext(
        long idempotencyWindowMs,
        int expectedAccounts,
        int maxAccounts,
        int expectedKeys,
        int maxKeys,
        long hashSeed0,
        long hashSeed1) {
    /** Twenty-four hours, the window that design D7 gives. */
    public static final long DEFAULT_IDEMPOTENCY_WINDOW_MS = 24L * 60 * 60 * 1000;

    /** Refuses sizes and windows that cannot be. */
    public ModelContext {
        if (idempotencyWindowMs < 1
                || expectedAccounts < 0
                || maxAccounts < 1
                || expectedKeys < 0
                || maxKeys < 1) {
            throw new IllegalArgumentException("invalid model context: idempotencyWindowMs="
                    + idempotencyWindowMs + ", expectedAccounts=" + expectedAccounts
                    + ", maxAccounts=" + maxAccounts + ", expectedKeys=" + expectedKeys
                    + ", maxKeys=" + maxKeys);
        }
    }

    /** A small model with the default window, for tools and tests. */
    public static ModelContext small(final long hashSeed) {
        return new ModelContext(
                DEFAULT_IDEMPOTENCY_WINDOW_MS,
                1024,
                Integer.MAX_VALUE,
                1024,
                Integer.MAX_VALUE,
                hashSeed,
                ~hashSeed);
    }
}
