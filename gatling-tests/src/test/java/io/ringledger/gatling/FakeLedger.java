package io.ringledger.gatling;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/** A ledger in one map, as far as the mix and the retries use it, that errs where a test tells it to. */
final class FakeLedger implements AutoCloseable {
    /** How it errs. */
    enum Fault {
        NONE,
        /** Every tenth credit is acknowledged and not booked. */
        LOSES_CREDITS,
        /** Every tenth answer is 503 that says not applied, of a credit that was booked. */
        APPLIES_WHAT_IT_REFUSES,
        /** A retry gets the first outcome, without being told so. */
        HIDES_REPLAYS
    }

    private static final class Account {
        private long balance;
        private long creditLimit;
    }

    private final Fault fault;
    private final HttpServer server;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, String> outcomes = new HashMap<>();
    private long sequence;
    private int credits;

    FakeLedger(final Fault fault) throws IOException {
        this.fault = fault;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(final HttpExchange exchange) throws IOException {
        final String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        final String[] path = exchange.getRequestURI().getPath().split("/", -1);
        final String answer;
        if (path[2].equals("batches")) {
            answer = open(Answer.json(body).path("commands"));
        } else if (path[4].equals("balance")) {
            answer = "200 {\"position\":\"0-" + sequence + "\"," + money(account(path[3])) + "}";
        } else {
            final String key = path[3] + exchange.getRequestHeaders().getFirst("Idempotency-Key");
            final String first = outcomes.get(key);
            if (first != null && fault != Fault.HIDES_REPLAYS) {
                exchange.getResponseHeaders().add("Idempotency-Replayed", "true");
            }
            answer = first == null ? write(path[3], path[4], key, body) : first;
        }
        final byte[] bytes = answer.substring(4).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Account account(final String id) {
        return accounts.computeIfAbsent(id, name -> new Account());
    }

    private String open(final JsonNode commands) {
        final StringBuilder results = new StringBuilder("200 {\"results\":[");
        for (final JsonNode command : commands) {
            account(command.path("accountId").asText()).creditLimit =
                    command.path("creditLimit").asLong();
            results.append(results.charAt(results.length() - 1) == '[' ? "" : ",")
                    .append("{\"status\":201,\"account\":{\"position\":\"0-")
                    .append(++sequence)
                    .append("\"}}");
        }
        return results.append("]}").toString();
    }

    private String write(final String id, final String op, final String key, final String body) {
        final Account account = account(id);
        final long amount = Answer.json(body).path("amount").asLong();
        final boolean isCredit = op.equals("credit");
        final String answer;
        sequence++;
        if (!isCredit && account.balance + account.creditLimit < amount) {
            answer = "422 {\"code\":\"insufficient_funds\",\"position\":\"0-" + sequence + "\"}";
        } else {
            final boolean isTenth = isCredit && ++credits % 10 == 0;
            if (!isTenth || fault != Fault.LOSES_CREDITS) {
                account.balance += isCredit ? amount : -amount;
            }
            if (isTenth && fault == Fault.APPLIES_WHAT_IT_REFUSES) {
                return "503 {\"code\":\"overloaded\",\"outcome\":\"not_applied\"}";
            }
            answer = "201 {\"transactionId\":\"0-" + sequence + "\",\"accountId\":\"" + id
                    + "\",\"type\":\"" + op + "\",\"amount\":" + amount + "," + money(account)
                    + "}";
        }
        outcomes.put(key, answer);
        return answer;
    }

    private static String money(final Account account) {
        return "\"balance\":" + account.balance + ",\"available\":"
                + (account.balance + account.creditLimit);
    }
}
