package io.ringledger.torture;

/** What a command asks for. */
enum Op {
    /** Opens the account; the amount is its credit limit. */
    OPEN('O', "openAccount"),
    /** Brings money in. */
    CREDIT('C', "credit"),
    /** Takes money out. */
    WITHDRAW('W', "withdraw"),
    /** The amount is the new credit limit. */
    LIMIT('L', "setCreditLimit");

    private static final Op[] ALL = values();

    private final char letter;
    private final String wireName;

    Op(final char letter, final String wireName) {
        this.letter = letter;
        this.wireName = wireName;
    }

    /** As in the journal. */
    char letter() {
        return letter;
    }

    /** As in a batch. */
    String wireName() {
        return wireName;
    }

    static Op of(final char letter) {
        for (final Op op : ALL) {
            if (op.letter == letter) {
                return op;
            }
        }
        throw new IllegalArgumentException("no such operation: letter=" + letter);
    }
}
