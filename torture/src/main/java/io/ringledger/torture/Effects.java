package io.ringledger.torture;

/**
 * What the log says became of each command, by its number, as arrays. Not thread-safe.
 */
final class Effects {
    private final byte[] count;
    private final short[] partition;
    private final long[] sequence;
    private final int[] account;
    private final char[] op;
    private final long[] amount;
    private final long[] balance;
    private final long[] limit;
    private final byte[] resultCode;
    private final long[] fencedSequence;
    private long foreign;

    Effects(final int commands) {
        count = new byte[commands];
        partition = new short[commands];
        sequence = new long[commands];
        account = new int[commands];
        op = new char[commands];
        amount = new long[commands];
        balance = new long[commands];
        limit = new long[commands];
        resultCode = new byte[commands];
        fencedSequence = new long[commands];
    }

    /** An event of a command. */
    void add(final int number, final int ofPartition, final long ofSequence, final Event event) {
        if (number < 0 || number >= count.length) {
            foreign++;
            return;
        }
        if (count[number] < Byte.MAX_VALUE) {
            count[number]++;
        }
        if (count[number] > 1) {
            return;
        }
        partition[number] = (short) ofPartition;
        sequence[number] = ofSequence;
        account[number] = event.account;
        op[number] = event.op;
        amount[number] = event.amount;
        balance[number] = event.balance;
        limit[number] = event.limit;
        resultCode[number] = (byte) event.resultCode;
    }

    /** An event of a command that readers drop. */
    void addFenced(final int number, final long ofSequence) {
        if (number >= 0 && number < count.length) {
            fencedSequence[number] = ofSequence;
        }
    }

    /** What an event says; reused. */
    static final class Event {
        int account;
        char op;
        long amount;
        long balance;
        long limit;
        int resultCode;
    }

    /** Events of a command, at most 127. */
    int count(final int number) {
        return count[number];
    }

    int partition(final int number) {
        return partition[number];
    }

    long sequence(final int number) {
        return sequence[number];
    }

    int account(final int number) {
        return account[number];
    }

    char op(final int number) {
        return op[number];
    }

    long amount(final int number) {
        return amount[number];
    }

    long balance(final int number) {
        return balance[number];
    }

    long limit(final int number) {
        return limit[number];
    }

    int resultCode(final int number) {
        return resultCode[number];
    }

    /** Where it stands in a frame that readers drop; 0: in none. */
    long fencedSequence(final int number) {
        return fencedSequence[number];
    }

    /** Events of commands that nobody asked for. */
    long foreign() {
        return foreign;
    }
}
