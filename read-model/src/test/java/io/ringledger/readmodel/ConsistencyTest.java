package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.readmodel.Queries.Answer;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads beside a writer that moves accounts, entries and progress together. */
final class ConsistencyTest {
    private static final Pattern BALANCE = Pattern.compile("\"balance\":(-?\\d+)");
    private static final Pattern NEWEST =
            Pattern.compile("\"transactionId\":\"0-(\\d+)\".*?\"balance\":(\\d+)");
    private static final int READS = 400;
    private static final int AT_ONCE = 8;

    @Test
    void shouldShowExactlyThePositionThatItNames() throws Exception {
        try (Views views = Views.start();
                Queries queries = new Queries(views.environment())) {
            views.account(0, 1, "a", 0, 0, 0);
            final AtomicBoolean isOver = new AtomicBoolean();
            final AtomicLong written = new AtomicLong();
            // Its own thread: the client of the queries needs those of the common pool.
            final FutureTask<Void> writer =
                    new FutureTask<>(() -> write(views, isOver, written), null);
            Thread.ofPlatform().name("writer").start(writer);
            final Set<Long> positions = new HashSet<>();
            try {
                for (int i = 0; i < READS / AT_ONCE; i++) {
                    readAtOnce(queries, written, positions);
                }
            } finally {
                isOver.set(true);
                writer.get(30, TimeUnit.SECONDS);
            }
            // The reads fell into the middle of the writing, not beside it.
            assertThat(positions).hasSizeGreaterThan(READS / 50);
        }
    }

    private static void readAtOnce(
            final Queries queries, final AtomicLong written, final Set<Long> positions)
            throws Exception {
        final List<CompletableFuture<Answer>> answers = new ArrayList<>();
        final long acknowledged = written.get();
        for (int i = 0; i < AT_ONCE; i++) {
            final String target = i % 2 == 0 ? "/v1/accounts/a" : "/v1/accounts/a/entries?limit=2";
            // Every fourth waits for what was not there yet when it was sent.
            final long after = acknowledged + (i % 4 == 0 ? 3 : 0);
            answers.add(queries.start(
                    target + (target.contains("?") ? "&" : "?") + "after=0-" + after));
        }
        for (int i = 0; i < AT_ONCE; i++) {
            final Answer answer = Queries.await(answers.get(i));
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            final long sequence =
                    Long.parseLong(answer.header("ringledger-position").substring(2));
            assertThat(sequence).isGreaterThanOrEqualTo(acknowledged + (i % 4 == 0 ? 3 : 0));
            positions.add(sequence);
            if (i % 2 == 0) {
                final Matcher matcher = BALANCE.matcher(answer.body());
                assertThat(matcher.find()).isTrue();
                assertThat(Long.parseLong(matcher.group(1))).isEqualTo(7 * sequence);
            } else if (sequence > 0) {
                final Matcher matcher = NEWEST.matcher(answer.body());
                assertThat(matcher.find()).isTrue();
                assertThat(Long.parseLong(matcher.group(1))).isEqualTo(sequence);
                assertThat(Long.parseLong(matcher.group(2))).isEqualTo(7 * sequence);
            }
        }
    }

    /** At every sequence the balance is seven times it: in three statements, one transaction. */
    private static void write(
            final Views views, final AtomicBoolean isOver, final AtomicLong written) {
        try (Connection connection = views.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long s = 1; !isOver.get(); s++) {
                statement.execute("INSERT INTO ledger_view.entries (partition, account_number,"
                        + " sequence, type, amount, balance, recorded_at_ms)"
                        + " VALUES (0, 1, " + s + ", 1, 7, " + 7 * s + ", " + s + ")");
                statement.execute("UPDATE ledger_view.accounts SET balance = " + 7 * s
                        + ", sequence = " + s + " WHERE account_id = 'a'");
                statement.execute("UPDATE ledger_view.progress SET frame = " + s + ", sequence = "
                        + s + " WHERE partition = 0");
                connection.commit();
                written.set(s);
            }
        } catch (final SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
