package io.ringledger.torture;

/**
 * What came back for one command.
 *
 * @param kind what it means
 * @param status of HTTP
 * @param partition of the outcome's position; -1: none
 * @param sequence of the outcome's position; 0: none
 * @param balance after it, of what took effect
 * @param creditLimit after it, of what took effect
 * @param isReplayed true: decided before
 * @param code of the problem; empty: it took effect
 */
record Answer(
        Kind kind,
        int status,
        int partition,
        long sequence,
        long balance,
        long creditLimit,
        boolean isReplayed,
        String code) {
    /** What an answer means for the client. */
    enum Kind {
        /** Decided, and durable. */
        DECIDED,
        /** The key stands for another command. */
        REUSED,
        /** Nothing was applied: again with the same key. */
        NOT_APPLIED,
        /** Nobody knows: again with the same key. */
        UNKNOWN,
        /** An answer that a correct command never gets. */
        UNEXPECTED
    }

    /** No answer at all. */
    static Answer none() {
        return problem(Kind.UNKNOWN, 0, "no_answer");
    }

    static Answer problem(final Kind kind, final int status, final String code) {
        return new Answer(kind, status, -1, 0, 0, 0, false, code);
    }

    boolean isSettled() {
        return kind == Kind.DECIDED || kind == Kind.REUSED || kind == Kind.UNEXPECTED;
    }
}
