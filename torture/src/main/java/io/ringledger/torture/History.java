package io.ringledger.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a journal says, command by command, as arrays: a campaign has millions. Contradictions
 * between answers are found while reading. Not thread-safe.
 */
final class History {
    private static final int FIRST_CAPACITY = 1 << 16;
    private static final int MAX_EXAMPLES = 20;

    private int count;
    private int[] account = new int[FIRST_CAPACITY];
    private char[] op = new char[FIRST_CAPACITY];
    private long[] amount = new long[FIRST_CAPACITY];
    private short[] status = new short[FIRST_CAPACITY];
    private short[] partition = new short[FIRST_CAPACITY];
    private long[] sequence = new long[FIRST_CAPACITY];
    private long[] balance = new long[FIRST_CAPACITY];
    private long[] limit = new long[FIRST_CAPACITY];
    private boolean[] isUnknown = new boolean[FIRST_CAPACITY];
    private boolean[] isFirstReplayed = new boolean[FIRST_CAPACITY];
    private String[] code = new String[FIRST_CAPACITY];

    private long asked;
    private long answers;
    private long repeated;
    private long forged;
    private final Map<String, Long> unknownBy = new TreeMap<>();
    private final Map<String, Long> violations = new TreeMap<>();
    private final List<String> examples = new ArrayList<>();

    private History() {}

    static History read(final Path journal) throws IOException {
        final History history = new History();
        try (BufferedReader lines = Files.newBufferedReader(journal, StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                history.line(line);
            }
        }
        return history;
    }

    private void line(final String line) {
        final String[] parts = line.split(" ", -1);
        final int number = Integer.parseInt(parts[1]);
        switch (line.charAt(0)) {
            case Journal.ASKED -> asked(number, parts);
            case Journal.DECIDED -> decided(number, parts, line);
            case Journal.UNKNOWN -> {
                unknownBy.merge(parts[2], 1L, Long::sum);
                if (status[number] == 0) {
                    isUnknown[number] = true;
                }
            }
            case Journal.FORGED -> forged++;
            case Journal.FORGED_ANSWER -> forgedAnswer(number, parts, line);
            case Journal.UNEXPECTED -> violation("unexpected answers", line);
            case Journal.NOT_APPLIED -> {
                if (status[number] != 0) {
                    // It says that nothing was applied now, not that nothing was applied before.
                    repeated++;
                }
            }
            default -> throw new IllegalArgumentException("not a line of a journal: " + line);
        }
    }

    private void asked(final int number, final String[] parts) {
        if (number >= account.length) {
            grow(Math.max(number + 1, account.length * 2));
        }
        count = Math.max(count, number + 1);
        account[number] = Integer.parseInt(parts[2]);
        op[number] = parts[3].charAt(0);
        amount[number] = Long.parseLong(parts[4]);
        asked++;
    }

    private void decided(final int number, final String[] parts, final String line) {
        answers++;
        final short newStatus = Short.parseShort(parts[2]);
        final short newPartition = Short.parseShort(parts[3]);
        final long newSequence = Long.parseLong(parts[4]);
        final long newBalance = Long.parseLong(parts[5]);
        final long newLimit = Long.parseLong(parts[6]);
        final boolean isReplayed = parts[7].equals("1");
        if (status[number] == 0) {
            status[number] = newStatus;
            partition[number] = newPartition;
            sequence[number] = newSequence;
            balance[number] = newBalance;
            limit[number] = newLimit;
            code[number] = parts[8].intern();
            isFirstReplayed[number] = isReplayed;
            if (isReplayed && !isUnknown[number]) {
                violation("said not applied, and was", line);
            }
            return;
        }
        repeated++;
        final boolean isSame = status[number] == newStatus
                && partition[number] == newPartition
                && sequence[number] == newSequence
                && balance[number] == newBalance
                && limit[number] == newLimit
                && parts[8].equals(code[number]);
        if (!isSame || !isReplayed) {
            violation("two outcomes of one key", line);
        }
    }

    /** Any other answer than the refusal, or none, is a violation. */
    private void forgedAnswer(final int number, final String[] parts, final String line) {
        final boolean isFine = parts[3].equals("idempotency_key_reused")
                // Without an answer, and where nothing was looked at.
                || parts[2].equals("0")
                || parts[2].equals("503");
        if (!isFine) {
            violation("a key took another content", line + " of command " + number);
        }
    }

    private void violation(final String kind, final String example) {
        violations.merge(kind, 1L, Long::sum);
        if (examples.size() < MAX_EXAMPLES) {
            examples.add(kind + ": " + example);
        }
    }

    private void grow(final int capacity) {
        account = Arrays.copyOf(account, capacity);
        op = Arrays.copyOf(op, capacity);
        amount = Arrays.copyOf(amount, capacity);
        status = Arrays.copyOf(status, capacity);
        partition = Arrays.copyOf(partition, capacity);
        sequence = Arrays.copyOf(sequence, capacity);
        balance = Arrays.copyOf(balance, capacity);
        limit = Arrays.copyOf(limit, capacity);
        isUnknown = Arrays.copyOf(isUnknown, capacity);
        isFirstReplayed = Arrays.copyOf(isFirstReplayed, capacity);
        code = Arrays.copyOf(code, capacity);
    }

    /** One more than the highest number. */
    int count() {
        return count;
    }

    /** Commands. */
    long asked() {
        return asked;
    }

    /** Answers with an outcome, repetitions included. */
    long answers() {
        return answers;
    }

    /** Answers to commands that had one. */
    long repeated() {
        return repeated;
    }

    /** Keys that were sent with another content. */
    long forged() {
        return forged;
    }

    /** Attempts without an outcome, by reason. */
    Map<String, Long> unknownBy() {
        return unknownBy;
    }

    Map<String, Long> violations() {
        return violations;
    }

    List<String> examples() {
        return examples;
    }

    /** True if an attempt before the first outcome ended without one. */
    boolean isUnknown(final int number) {
        return isUnknown[number];
    }

    boolean isFirstReplayed(final int number) {
        return isFirstReplayed[number];
    }

    boolean isAnswered(final int number) {
        return status[number] != 0;
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

    int partition(final int number) {
        return partition[number];
    }

    long sequence(final int number) {
        return sequence[number];
    }

    long balance(final int number) {
        return balance[number];
    }

    long limit(final int number) {
        return limit[number];
    }

    /** {@code accepted}, or the code of the refusal. */
    String code(final int number) {
        return code[number];
    }
}
