package io.ringledger.loadtests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A ledger in one map that keeps the HTTP contract as far as the replay uses it, and errs where a
 * test tells it to: it stands in for the service, and for a service that is wrong.
 */
final class FakeLedger implements AutoCloseable {
    static {
        // Without it the JDK's server waits 40 ms for every acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final int PARTITIONS = 2;

    /** How it errs; every field is off at first. Set before the replay starts. */
    static final class Faults {
        /** Applies every nth write and closes the connection instead of answering. */
        int loseAnswerEvery;

        /** Answers every nth write 503 overloaded, without applying it. */
        int overloadedEvery;

        /** Answers every nth read 503 view_behind. */
        int viewBehindEvery;

        /** Waits before each answer. */
        long delayMs;

        /** Answers the write with this key with a balance that is one too high. */
        @Nullable String wrongAnswerKey;

        /** Books the write with this key twice, and tells nobody. */
        @Nullable String bookedTwiceKey;

        /** Lets this write pass the credit limit. */
        @Nullable String unlimitedKey;

        /** Leaves this write out of the entries. */
        @Nullable String lostEntryKey;

        /** Shows views as they were before each account's last write. */
        boolean isStale;

        /** Answers every withdrawal 409. */
        boolean isConflicting;

        /** Never answers anything but 503. */
        volatile boolean isDown;

        /** Answers every read 503 view_unavailable until so many writes have come. */
        int viewDownUntilWrites;

        /** Applies the first delivery of this write and answers it when it comes again. */
        @Nullable String hangingKey;
    }

    private static final class Account {
        final String id;
        final String currency;
        final long creditLimit;
        final int partition;
        final Map<String, String> outcomes = new HashMap<>();
        final List<String> entries = new ArrayList<>();
        long balance;
        long balanceBefore;
        long lastSequence;

        Account(final String id, final String currency, final long creditLimit) {
            this.id = id;
            this.currency = currency;
            this.creditLimit = creditLimit;
            this.partition = Math.floorMod(id.hashCode(), PARTITIONS);
        }
    }

    final Faults faults = new Faults();
    private final HttpServer server;
    private final Map<String, Account> accounts = new HashMap<>();
    private final long[] sequences = new long[PARTITIONS];
    private final Map<String, Integer> deliveriesByKey = new HashMap<>();
    private int writes;
    private int reads;

    FakeLedger() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Writes that were delivered so far, again ones too. */
    synchronized int writes() {
        return writes;
    }

    /** Writes that were delivered more than once. */
    synchronized long deliveredAgain() {
        return deliveriesByKey.values().stream().filter(count -> count > 1).count();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(final HttpExchange exchange) throws IOException {
        final byte[] body = exchange.getRequestBody().readAllBytes();
        if (faults.delayMs > 0) {
            // A slow service is the thing tested here.
            LockSupport.parkNanos(faults.delayMs * 1_000_000);
        }
        final String[] answer = exchange.getRequestMethod().equals("GET")
                ? read(exchange.getRequestURI())
                : write(exchange, Json.object(body));
        if (answer == null) {
            exchange.close();
            return;
        }
        final String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (answer.length == 2 && key != null && key.equals(faults.hangingKey)) {
            awaitAnotherDelivery();
        }
        final byte[] json = answer[1].getBytes(UTF_8);
        final int status = Integer.parseInt(answer[0]);
        exchange.getResponseHeaders()
                .add(
                        "Content-Type",
                        status < 400 ? "application/json" : "application/problem+json");
        if (status == 503) {
            exchange.getResponseHeaders().add("Retry-After", "0");
        }
        if (answer.length == 3) {
            exchange.getResponseHeaders().add("Idempotency-Replayed", "true");
        }
        exchange.sendResponseHeaders(status, json.length);
        exchange.getResponseBody().write(json);
        exchange.close();
    }

    private synchronized void awaitAnotherDelivery() {
        final long deadlineNs = System.nanoTime() + 30_000_000_000L;
        while (deliveredAgain() == 0 && System.nanoTime() < deadlineNs) {
            try {
                wait(1_000);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized String @Nullable [] write(
            final HttpExchange exchange, final Map<String, @Nullable Object> body) {
        final String key =
                Objects.requireNonNull(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
        final String[] path = exchange.getRequestURI().getPath().split("/", -1);
        final String id = path.length > 3 ? path[3] : String.valueOf(body.get("accountId"));
        deliveriesByKey.merge(id + " " + key, 1, Integer::sum);
        notifyAll();
        writes++;
        if (faults.isDown || isDue(faults.overloadedEvery, writes)) {
            return problem(503, "overloaded", "");
        }
        final Account known = accounts.get(id);
        final String first = known == null ? null : known.outcomes.get(key);
        if (first != null) {
            return new String[] {first.substring(0, 3), first.substring(4), "replayed"};
        }
        final String[] answer = path.length > 3
                ? transact(Objects.requireNonNull(known), path[4], key, body)
                : open(id, known, body);
        Objects.requireNonNull(accounts.get(id)).outcomes.put(key, answer[0] + " " + answer[1]);
        return isDue(faults.loseAnswerEvery, writes) ? null : answer;
    }

    private String[] open(
            final String id,
            final @Nullable Account known,
            final Map<String, @Nullable Object> body) {
        if (known != null) {
            return problem(409, "account_exists", "");
        }
        final Account account =
                new Account(id, String.valueOf(body.get("currency")), number(body, "creditLimit"));
        accounts.put(id, account);
        return new String[] {
            "201",
            "{\"accountId\":\"%s\",\"status\":\"open\",%s,\"position\":\"%s\"}"
                    .formatted(id, money(account, 0), next(account))
        };
    }

    private String[] transact(
            final Account account,
            final String type,
            final String key,
            final Map<String, @Nullable Object> body) {
        final long amount = number(body, "amount");
        final boolean isWithdrawal = type.equals("withdraw");
        if (isWithdrawal && faults.isConflicting) {
            return problem(409, "account_exists", "");
        }
        final String position = next(account);
        if (isWithdrawal
                && account.balance - amount + account.creditLimit < 0
                && !key.equals(faults.unlimitedKey)) {
            return problem(422, "insufficient_funds", ",\"position\":\"" + position + "\"");
        }
        account.balanceBefore = account.balance;
        account.balance += isWithdrawal ? -amount : amount;
        final String entry =
                "\"transactionId\":\"%s\",\"type\":\"%s\",\"amount\":%d,\"reference\":\"%s\""
                        .formatted(position, type, amount, body.get("reference"));
        if (!key.equals(faults.lostEntryKey)) {
            account.entries.add("{%s,\"balance\":%d}".formatted(entry, account.balance));
        }
        final int off = key.equals(faults.wrongAnswerKey) ? 1 : 0;
        final String answer =
                "{%s,\"accountId\":\"%s\",%s}".formatted(entry, account.id, money(account, off));
        if (key.equals(faults.bookedTwiceKey)) {
            account.balance += isWithdrawal ? -amount : amount;
        }
        return new String[] {"201", answer};
    }

    private synchronized String[] read(final URI uri) {
        final String[] path = uri.getPath().split("/", -1);
        if (path[1].equals("health")) {
            return new String[] {"200", "{\"status\":\"UP\"}"};
        }
        reads++;
        if (writes < faults.viewDownUntilWrites) {
            return problem(503, "view_unavailable", "");
        }
        if (faults.isDown || isDue(faults.viewBehindEvery, reads)) {
            return problem(503, "view_behind", "");
        }
        final Account account = Objects.requireNonNull(accounts.get(path[3]));
        final long balance = faults.isStale ? account.balanceBefore : account.balance;
        final long shown = faults.isStale ? account.lastSequence - 1 : sequences[account.partition];
        final String head = "\"accountId\":\"%s\",\"currency\":\"%s\",\"position\":\"%d-%d\""
                .formatted(account.id, account.currency, account.partition, shown);
        final long used = Math.max(0, -balance);
        return switch (path[4]) {
            case "balance" ->
                new String[] {
                    "200",
                    "{%s,\"balance\":%d,\"held\":0,\"available\":%d}"
                            .formatted(head, balance, balance + account.creditLimit)
                };
            case "creditLimit" ->
                new String[] {
                    "200",
                    "{%s,\"creditLimit\":%d,\"used\":%d,\"remaining\":%d}"
                            .formatted(head, account.creditLimit, used, account.creditLimit - used)
                };
            case "entries" -> entries(account, uri.getQuery());
            default -> problem(404, "route_not_found", "");
        };
    }

    private static String[] entries(final Account account, final String query) {
        int limit = 50;
        int newest = account.entries.size();
        for (final String parameter : query.split("&", -1)) {
            if (parameter.startsWith("limit=")) {
                limit = Integer.parseInt(parameter.substring(6));
            } else if (parameter.startsWith("cursor=")) {
                newest = Integer.parseInt(parameter.substring(7));
            }
        }
        final int oldest = Math.max(0, newest - limit);
        final List<String> page = account.entries.subList(oldest, newest).reversed();
        final String cursor = oldest == 0 ? "null" : "\"" + oldest + "\"";
        return new String[] {
            "200", "{\"entries\":[%s],\"nextCursor\":%s}".formatted(String.join(",", page), cursor)
        };
    }

    private String next(final Account account) {
        account.lastSequence = ++sequences[account.partition];
        return account.partition + "-" + account.lastSequence;
    }

    private static String money(final Account account, final int off) {
        final long balance = account.balance + off;
        return "\"currency\":\"%s\",\"balance\":%d,\"held\":0,\"creditLimit\":%d,\"available\":%d"
                .formatted(
                        account.currency,
                        balance,
                        account.creditLimit,
                        balance + account.creditLimit);
    }

    private static String[] problem(final int status, final String code, final String more) {
        return new String[] {
            Integer.toString(status),
            "{\"code\":\"%s\",\"detail\":\"for a test\",\"outcome\":\"not_applied\",\"retry\":\"%s\"%s}"
                    .formatted(code, status == 503 ? "same_key" : "new_key", more)
        };
    }

    private static long number(final Map<String, @Nullable Object> body, final String name) {
        return (Long) Objects.requireNonNull(body.get(name));
    }

    private static boolean isDue(final int every, final int count) {
        return every > 0 && count % every == 0;
    }
}
