package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Holds the tables of docs/decision-ladder.md against the code, row by row. */
class LadderTest {
    private static final int CODE_COLUMNS = 6;
    private static final int ROW_COLUMNS = 4;
    private static final int STEPS = 5;

    /** A row of the second table. */
    private record Row(int step, String given, String command, String outcome) {}

    @TestFactory
    Stream<DynamicTest> shouldDecideAsTheTableSays() {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
    }

    @Test
    void shouldListEveryCodeWithItsNumberInOrderOfPrecedence() {
        final Set<String> listed = new HashSet<>();
        int step = 1;
        for (final String[] cells : table(CODE_COLUMNS)) {
            final ResultCode code = code(cells[3]);
            assertThat(code.number()).as(code.wireName()).isEqualTo(Integer.parseInt(cells[4]));
            assertThat(ResultCode.of(code.number())).isSameAs(code);
            assertThat(Integer.parseInt(cells[0])).isBetween(step, step + 1);
            step = Integer.parseInt(cells[0]);
            assertThat(cells[5])
                    .as("recorded: %s", code)
                    .isEqualTo(code == ResultCode.IDEMPOTENCY_KEY_REUSED ? "no" : "yes");
            listed.add(code.wireName());
        }
        assertThat(step).isEqualTo(STEPS);
        assertThat(listed).hasSameSizeAs(ResultCode.values());
    }

    @Test
    void shouldReachEveryCodeInARowOfItsOwnStep() {
        for (final String[] cells : table(CODE_COLUMNS)) {
            final String code = code(cells[3]).wireName();
            final int step = Integer.parseInt(cells[0]);
            for (final String command : commands(cells[1])) {
                assertThat(rows())
                        .as("row for %s at step %d by %s", code, step, command)
                        .anyMatch(row -> row.step == step
                                && row.outcome.equals(code)
                                && row.command.startsWith(command));
            }
        }
    }

    private static void check(final Row row) {
        try (TestLedger ledger = new TestLedger(ModelContext.small(row.hashCode()))) {
            final Script script = new Script(ledger);
            for (final String step : row.given.split(",", -1)) {
                if (!step.isBlank()) {
                    script.run(step.strip());
                }
            }
            final long before = ledger.model().lastSequence();
            final Outcome outcome = script.run(row.command);

            final boolean isAgain = row.outcome.endsWith(" again");
            assertThat(outcome.code().wireName()).isEqualTo(row.outcome.replace(" again", ""));
            assertThat(outcome.isReplayed()).isEqualTo(isAgain);
            final boolean isRecorded =
                    !isAgain && outcome.code() != ResultCode.IDEMPOTENCY_KEY_REUSED;
            assertThat(ledger.model().lastSequence()).isEqualTo(before + (isRecorded ? 1 : 0));
            if (isAgain) {
                assertThat(outcome.sequence()).isBetween(1L, before);
            } else {
                assertThat(outcome.sequence()).isEqualTo(isRecorded ? before + 1 : 0);
            }
            ledger.model().verify();
            ledger.flush();
            assertThat(TestLedger.replay(ledger.records(), ModelContext.small(1))
                            .stateHash())
                    .isEqualTo(ledger.model().stateHash());
        }
    }

    private static ResultCode code(final String cell) {
        final String name = cell.replace("`", "");
        return Arrays.stream(ResultCode.values())
                .filter(code -> code.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such code: " + cell));
    }

    private static List<String> commands(final String cell) {
        final String all = "openAccount, credit, withdraw, setCreditLimit";
        return Arrays.stream((cell.equals("all") ? all : cell).split(", "))
                .map(name -> name.replace("openAccount", "open").replace("setCreditL", "l"))
                .toList();
    }

    private static List<Row> rows() {
        return table(ROW_COLUMNS).stream()
                .map(cells -> new Row(Integer.parseInt(cells[0]), cells[1], cells[2], cells[3]))
                .toList();
    }

    /** The cells of the rows of the table that has so many columns. */
    private static List<String[]> table(final int columns) {
        final Path page =
                Path.of(System.getProperty("ringledger.root"), "docs", "decision-ladder.md");
        final List<String[]> table = new ArrayList<>();
        try {
            for (final String line : Files.readAllLines(page)) {
                if (!line.startsWith("| ") || !Character.isDigit(line.charAt(2))) {
                    continue;
                }
                final String[] cells = line.substring(1, line.length() - 1).split("\\|", -1);
                if (cells.length == columns) {
                    table.add(Arrays.stream(cells).map(String::strip).toArray(String[]::new));
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(table).as("table of %d columns in %s", columns, page).isNotEmpty();
        return table;
    }

    /** Runs the words of the table. */
    private static final class Script {
        private static final int OTHER_ACCOUNTS = 1024;

        private final TestLedger ledger;
        private long clockMs = 1_700_000_000_000L;

        Script(final TestLedger ledger) {
            this.ledger = ledger;
        }

        Outcome run(final String step) {
            final String[] words = step.split(" ", -1);
            if (words[0].equals("wait")) {
                clockMs += Long.parseLong(words[1]);
                return new Outcome();
            }
            if (words[0].equals("" + OTHER_ACCOUNTS)) {
                return openOthers(words[3].startsWith("-"));
            }
            final long amount = words[2].equals("MAX") ? LedgerLimits.MAX_MINOR : number(words[2]);
            final String extra = words.length > 4 ? words[4] : "";
            return ledger.submit(ask(words[0], words[1], amount, words[3], extra), clockMs);
        }

        private Outcome openOthers(final boolean isNegative) {
            Outcome last = new Outcome();
            for (int i = 0; i < OTHER_ACCOUNTS; i++) {
                final long limit = isNegative ? LedgerLimits.MAX_MINOR : 0;
                ledger.submit(Ask.open("other" + i, "open", "EUR", limit), clockMs);
                final String type = isNegative ? "withdraw" : "credit";
                last = ledger.submit(
                        ask(type, "other" + i, LedgerLimits.MAX_MINOR, "fill", ""), clockMs);
                assertThat(last.code()).isEqualTo(ResultCode.ACCEPTED);
            }
            return last;
        }

        private static Ask ask(
                final String type,
                final String account,
                final long amount,
                final String key,
                final String extra) {
            return switch (type) {
                case "open" -> Ask.open(account, key, extra.isEmpty() ? "EUR" : extra, amount);
                case "credit" -> Ask.credit(account, key, amount).withReference(extra);
                case "withdraw" -> Ask.withdraw(account, key, amount).withReference(extra);
                case "limit" -> Ask.limit(account, key, amount);
                default -> throw new AssertionError("no such command: " + type);
            };
        }

        private static long number(final String word) {
            return Long.parseLong(word);
        }
    }
}
