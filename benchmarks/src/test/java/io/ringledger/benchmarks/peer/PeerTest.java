package io.ringledger.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.benchmarks.driver.AccountIds;
import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.emulators.PostgresLocal;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** The peer books as a ledger must: a comparison with one that does not would be worth nothing. */
final class PeerTest {
    private static final int ACCOUNTS = 20;
    private static final String TRANSACTION_ID = "\"transactionId\":\"";

    private static PostgresLocal postgres;
    private static PeerService peer;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresLocal.start();
        peer = PeerService.start(PeerEnvironment.of(postgres, 0), new TableOptions(8, 2, 10_000));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        TableSchema.create(postgres.jdbcUrl());
    }

    @AfterAll
    static void stop() {
        client.close();
        peer.close();
        postgres.close();
    }

    @BeforeEach
    void open() throws Exception {
        TableSchema.openAccounts(postgres.jdbcUrl(), ACCOUNTS, 1_000);
    }

    @AfterEach
    void empty() throws SQLException {
        sql("TRUNCATE peer.accounts, peer.transactions");
    }

    private static void sql(final String text) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static long number(final String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static CompletableFuture<HttpResponse<String>> send(
            final String operation, final int account, final String key, final long amount) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + peer.port()
                                + "/v1/accounts/" + AccountIds.of(account) + "/" + operation))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(HttpRequest.BodyPublishers.ofString("{\"amount\":" + amount + "}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static boolean isReplayed(final HttpResponse<String> response) {
        return response.headers().firstValue("Idempotency-Replayed").isPresent();
    }

    private static String idOf(final HttpResponse<String> response) {
        final String body = response.body();
        final int at = body.indexOf(TRANSACTION_ID) + TRANSACTION_ID.length();
        return body.substring(at, body.indexOf('"', at));
    }

    @Test
    void shouldAnswerAsTheLedgerDoes() {
        final HttpResponse<String> credit = send("credit", 3, "a", 500).join();
        assertThat(credit.statusCode()).isEqualTo(201);
        assertThat(credit.body())
                .contains(
                        "\"accountId\":\"account-0000003\",\"type\":\"credit\",\"amount\":500",
                        "\"currency\":\"EUR\",\"balance\":500,\"held\":0,\"creditLimit\":1000",
                        "\"available\":1500,\"reference\":null,\"recordedAt\":\"");
        assertThat(send("credit", ACCOUNTS, "a", 1).join().statusCode()).isEqualTo(404);
        assertThat(send("credit", 3, "b", 0).join().statusCode()).isEqualTo(400);
    }

    @Test
    void shouldGiveTheFirstOutcomeAgain() throws SQLException {
        final HttpResponse<String> first = send("credit", 1, "k", 500).join();
        send("withdraw", 1, "other", 200).join();
        final HttpResponse<String> again = send("credit", 1, "k", 500).join();
        assertThat(isReplayed(first)).isFalse();
        assertThat(isReplayed(again)).isTrue();
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        final HttpResponse<String> reused = send("credit", 1, "k", 501).join();
        assertThat(reused.statusCode()).isEqualTo(422);
        assertThat(reused.body()).contains("idempotency_key_reused");
        assertThat(send("credit", 2, "k", 7).join().statusCode())
                .as("the key of another account is another key")
                .isEqualTo(201);
        assertThat(number("SELECT balance FROM peer.accounts WHERE number = 1")).isEqualTo(300);
    }

    @Test
    void shouldRefuseAtTheLimitForEver() throws SQLException {
        assertThat(send("withdraw", 1, "all", 1_000).join().statusCode()).isEqualTo(201);
        final HttpResponse<String> refused = send("withdraw", 1, "k", 1).join();
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("insufficient_funds");
        send("credit", 1, "more", 10).join();
        final HttpResponse<String> again = send("withdraw", 1, "k", 1).join();
        assertThat(again.statusCode()).isEqualTo(422);
        assertThat(again.body()).isEqualTo(refused.body());
        assertThat(isReplayed(again)).isTrue();
        assertThat(number("SELECT balance FROM peer.accounts WHERE number = 1")).isEqualTo(-990);
    }

    @Test
    void shouldRefuseABalanceOutOfRange() {
        assertThat(send("credit", 1, "a", 9_007_199_254_740_991L).join().statusCode())
                .isEqualTo(201);
        final HttpResponse<String> beyond = send("credit", 1, "b", 1).join();
        assertThat(beyond.statusCode()).isEqualTo(422);
        assertThat(beyond.body()).contains("balance_out_of_range");
    }

    @Test
    void shouldBookRequestsWithTheSameKeyOnceWhenTheyComeTogether() throws SQLException {
        for (int key = 0; key < 20; key++) {
            final List<CompletableFuture<HttpResponse<String>>> together = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                together.add(send("credit", 5, "key-" + key, 10));
            }
            final List<HttpResponse<String>> answers =
                    together.stream().map(CompletableFuture::join).toList();
            assertThat(answers).allMatch(answer -> answer.statusCode() == 201);
            assertThat(answers.stream().map(PeerTest::idOf).distinct()).hasSize(1);
            assertThat(answers.stream().filter(answer -> !isReplayed(answer))).hasSize(1);
        }
        assertThat(number("SELECT balance FROM peer.accounts WHERE number = 5")).isEqualTo(200);
        assertThat(number("SELECT sum(amount) FROM peer.transactions WHERE account = 5"))
                .isEqualTo(200);
    }

    @Test
    void shouldGiveOutTheLimitOnceWhenManyWantIt() throws SQLException {
        final List<CompletableFuture<HttpResponse<String>>> together = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            together.add(send("withdraw", 7, "w-" + i, 100));
        }
        final List<Integer> statuses =
                together.stream().map(answer -> answer.join().statusCode()).toList();
        assertThat(statuses).containsOnly(201, 422);
        assertThat(statuses.stream().filter(status -> status == 201)).hasSize(10);
        assertThat(number("SELECT balance FROM peer.accounts WHERE number = 7")).isEqualTo(-1_000);
        assertThat(number("SELECT count(*) FROM peer.transactions WHERE refusal = 3"))
                .isEqualTo(50);
    }

    @Test
    void shouldHoldEveryBalanceUnderLoadAndFindAWrongOne() throws Exception {
        sql("UPDATE peer.accounts SET credit_limit = 1000000000000");
        final Acknowledged acknowledged = new Acknowledged(ACCOUNTS);
        final int connections = 32;
        final Measured measured = HttpDriver.run(
                DriverOptions.closedLoop(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.port()),
                        connections,
                        0,
                        500),
                thread -> new SingleCommands(
                        ACCOUNTS, connections, new SplittableRandom(5), acknowledged));
        assertThat(measured.refused()).isZero();
        assertThat(acknowledged.commands()).isEqualTo(measured.sent());
        TableCheck.requireEqual(postgres.jdbcUrl(), acknowledged);
        assertThat(number("SELECT count(*) FROM peer.transactions")).isEqualTo(measured.sent());

        sql("UPDATE peer.accounts SET balance = balance + 1 WHERE number = 3");
        assertThatThrownBy(() -> TableCheck.requireEqual(postgres.jdbcUrl(), acknowledged))
                .hasMessageContaining("wrong balance: account=account-0000003");
    }

    @Test
    void shouldCommitDurably() throws SQLException {
        assertThat(number("SELECT count(*) FROM pg_settings WHERE setting = 'on' AND name IN"
                        + " ('fsync', 'synchronous_commit', 'full_page_writes')"))
                .isEqualTo(3);
    }
}
