package io.ringledger.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The command as a person runs it, against a service that errs where the test tells it to. */
@Timeout(300)
class ReplayCommandTest {
    /** Two accounts; the last withdrawal of each needs a credit limit. */
    private static final List<String> ROWS = List.of(
            "t1,1,1993-01-01,credit,100,100,cash_deposit",
            "t2,2,1993-01-01,credit,50,50,cash_deposit",
            "t3,1,1993-01-02,withdraw,30,70,cash_withdrawal",
            "t4,2,1993-01-02,credit,5,55,interest",
            "t5,1,1993-01-03,withdraw,90,-20,outgoing_transfer",
            "t6,2,1993-01-03,withdraw,60,-5,card_withdrawal",
            "t7,1,1993-01-04,credit,40,20,incoming_transfer");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private @Nullable FakeLedger started;
    private @Nullable Path small;

    @BeforeEach
    void start() throws IOException {
        started = new FakeLedger();
        small = Files.writeString(
                directory.resolve("small.csv"),
                TransactionFile.HEADER + "\n" + String.join("\n", ROWS) + "\n");
    }

    @AfterEach
    void stop() {
        ledger().close();
    }

    @Test
    void shouldReplayTheBankFileAndThenFindEverythingReplayed() throws IOException {
        final Path bank = BankFile.path();

        assertThat(replay(bank, "--credit-limit", "600000")).as(this::output).isZero();
        final Map<String, @Nullable Object> first = summary();
        assertThat(first)
                .containsEntry("accepted", 36_883L)
                .containsEntry("refused", 0L)
                .containsEntry("replayed", 0L)
                .containsEntry("accounts", 925L)
                .containsEntry("balanceSumMinor", 2_951_145_530L)
                .containsEntry("maxBankDifferenceMinor", 80L)
                .containsEntry("correct", true)
                .containsEntry("complete", true);
        assertThat(object(first, "lag").get("count")).isEqualTo(1845L);

        assertThat(replay(bank, "--credit-limit", "600000")).as(this::output).isZero();
        assertThat(summary())
                .containsEntry("accepted", 36_883L)
                .containsEntry("replayed", 36_883L)
                .containsEntry("accountsReplayed", 925L)
                .containsEntry("balanceSumMinor", 2_951_145_530L);
        assertThat(out.toString())
                .contains("OK: every answer was a replay of the first run's; no balance moved");
    }

    @Test
    void shouldFindExactlyTheRefusalsThatTheOracleFinds() throws Exception {
        final Path bank = BankFile.path();
        final BankOracle oracle = BankOracle.of(TransactionFile.read(bank), 0);

        assertThat(replay(bank)).as(this::output).isZero();
        assertThat(refusedTransactionIds())
                .containsExactlyInAnyOrder(oracle.refusedTransactionIds().toArray());
        assertThat(summary()).containsEntry("balanceSumMinor", oracle.balanceSumMinor());
    }

    @Test
    void shouldRetryLostAnswersAndRefusedWorkWithTheSameKey() throws IOException {
        ledger().faults.loseAnswerEvery = 3;
        ledger().faults.overloadedEvery = 4;
        ledger().faults.viewBehindEvery = 2;

        assertThat(replay(small(), "--concurrency", "1")).as(this::output).isZero();
        final Map<String, @Nullable Object> summary = summary();
        assertThat(summary).containsEntry("accepted", 5L).containsEntry("refused", 2L);
        assertThat(object(summary, "writeRetries").keySet().toArray())
                .containsExactlyInAnyOrder("connection", "overloaded");
        assertThat(object(summary, "readRetries").keySet().toArray())
                .containsExactly("view_behind");
        assertThat((Long) summary.get("replayed")).isPositive();
        assertThat(ledger().deliveredAgain()).isPositive();
    }

    @Test
    void shouldReplayASlowService() throws IOException {
        ledger().faults.delayMs = 20;

        assertThat(replay(small(), "--credit-limit", "20")).as(this::output).isZero();
        assertThat(object(summary(), "writeLatency"))
                .extracting(latency -> latency.get("p50Us"))
                .asInstanceOf(InstanceOfAssertFactories.LONG)
                .isGreaterThanOrEqualTo(20_000);
    }

    @Test
    void shouldFailOnAWrongBalanceInAnAnswer() throws IOException {
        ledger().faults.wrongAnswerKey = "t3";
        assertCheckFails("every write is answered with the exact balance", "balance is 71");
    }

    @Test
    void shouldFailOnAWriteThatWasBookedTwice() throws IOException {
        ledger().faults.bookedTwiceKey = "t7";
        assertCheckFails("the views end with the exact balance", "balance is 150, expected 110");
    }

    @Test
    void shouldFailOnAWithdrawalThatPassesTheCreditLimit() throws IOException {
        ledger().faults.unlimitedKey = "t5";
        assertCheckFails("refused is what the credit limit does not cover", "accepted, though");
    }

    @Test
    void shouldFailOnALostEntry() throws IOException {
        ledger().faults.lostEntryKey = "t3";
        assertCheckFails("the entries are the accepted transactions", "t3");
    }

    @Test
    void shouldFailOnAReadThatDoesNotShowItsWrite() throws IOException {
        ledger().faults.isStale = true;
        assertCheckFails("a read with after= shows that write", "which is before");
    }

    @Test
    void shouldFailOnBankBalancesThatLieTooFarAway() throws IOException {
        final List<String> rows = new ArrayList<>(ROWS);
        rows.set(3, "t4,2,1993-01-02,credit,5,136,interest");
        Files.writeString(small(), TransactionFile.HEADER + "\n" + String.join("\n", rows) + "\n");
        assertCheckFails("the bank's own balances", "transaction t4: balance 55, the bank has 136");
    }

    @Test
    void shouldEndWithTheProblemOfAnUnexpectedAnswer() throws IOException {
        ledger().faults.isConflicting = true;

        assertThat(replay(small())).isEqualTo(ReplayCommand.INCOMPLETE);
        assertThat(out.toString())
                .contains("POST /v1/accounts/berka-", "answered 409 account_exists: for a test");
    }

    @Test
    void shouldGiveUpAtTheDeadline() throws IOException {
        ledger().faults.isDown = true;

        assertThat(replay(small(), "--deadline", "1")).isEqualTo(ReplayCommand.INCOMPLETE);
        assertThat(out.toString()).contains("no outcome within 1 s", "ended with: overloaded");
    }

    @Test
    void shouldSayThatNoServiceIsThere() throws IOException {
        ledger().close();

        assertThat(replay(small())).isEqualTo(ReplayCommand.INCOMPLETE);
        assertThat(out.toString()).contains("no service answers at " + ledger().url());
    }

    @Test
    void shouldRefuseBadOptionsAndFiles() throws IOException {
        Files.writeString(small(), TransactionFile.HEADER + "\nx\n");
        assertThat(replay(small())).isEqualTo(2);
        assertThat(err.toString()).contains("line 2: expected 7 columns, found 1");
        assertThat(replay(directory.resolve("none.csv"))).isEqualTo(2);
        assertThat(err.toString()).contains("cannot read");
        assertThat(replay(small(), "--concurrency", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("concurrency must be within 1 to 1024");
        assertThat(replay(small(), "--credit-limit", "-1")).isEqualTo(2);
        assertThat(execute(small().toString(), "--url", "ftp://127.0.0.1")).isEqualTo(2);
        assertThat(err.toString()).contains("url must be like http://127.0.0.1:8080");
    }

    @Test
    void shouldDocumentItsExitCodes() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString())
                .contains("Exit codes:", "1     a check failed", "130   ended by Ctrl-C");
    }

    private void assertCheckFails(final String check, final String failure) throws IOException {
        assertThat(replay(small(), "--sample-every", "1"))
                .as(this::output)
                .isEqualTo(ReplayCommand.CHECK_FAILED);
        assertThat(out.toString().lines())
                .anySatisfy(line -> assertThat(line).contains("FAILED", check));
        assertThat(out.toString()).contains(failure).contains("FAILED: the ledger's answers");
        assertThat(summary()).containsEntry("correct", false);
    }

    private int replay(final Path file, final String... more) {
        final List<String> arguments = new ArrayList<>(List.of(
                file.toString(),
                "--url",
                ledger().url().toString(),
                "--json",
                summaryFile().toString()));
        arguments.addAll(Arrays.asList(more));
        return execute(arguments.toArray(String[]::new));
    }

    private int execute(final String... arguments) {
        return ReplayMain.execute(new PrintWriter(out), new PrintWriter(err), arguments);
    }

    private Map<String, @Nullable Object> summary() throws IOException {
        return Json.object(Files.readAllBytes(summaryFile()));
    }

    private Object[] refusedTransactionIds() throws IOException {
        return ((List<?>) Objects.requireNonNull(summary().get("refusedTransactionIds"))).toArray();
    }

    private static Map<?, ?> object(
            final Map<String, @Nullable Object> members, final String name) {
        return (Map<?, ?>) Objects.requireNonNull(members.get(name));
    }

    private String output() {
        return out + "\n" + err;
    }

    private FakeLedger ledger() {
        return Objects.requireNonNull(started);
    }

    private Path small() {
        return Objects.requireNonNull(small);
    }

    private Path summaryFile() {
        return directory.resolve("summary.json");
    }
}
