package io.ringledger.torture;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Commands and answers as HTTP and JSON. Stateless. */
final class Wire {
    private static final String CURRENCY = "EUR";

    private Wire() {}

    static HttpRequest batch(final URI ledger, final List<Ask> asks, final Duration timeout) {
        final StringBuilder json = new StringBuilder(asks.size() * 110).append("{\"commands\":[");
        for (final Ask ask : asks) {
            if (json.charAt(json.length() - 1) != '[') {
                json.append(',');
            }
            json.append("{\"op\":\"").append(ask.op().wireName());
            json.append("\",\"accountId\":\"").append(ask.accountId());
            json.append("\",\"idempotencyKey\":\"").append(ask.key()).append("\",");
            if (ask.op() == Op.OPEN) {
                json.append("\"currency\":\"").append(CURRENCY).append("\",");
            }
            appendAmount(json, ask).append('}');
        }
        return request(ledger.resolve("/v1/batches"), timeout)
                .POST(HttpRequest.BodyPublishers.ofString(json.append("]}").toString()))
                .build();
    }

    static HttpRequest single(final URI ledger, final Ask ask, final Duration timeout) {
        final StringBuilder json = new StringBuilder("{");
        if (ask.op() == Op.OPEN) {
            json.append("\"accountId\":\"").append(ask.accountId());
            json.append("\",\"currency\":\"").append(CURRENCY).append("\",");
        }
        final var body = HttpRequest.BodyPublishers.ofString(
                appendAmount(json, ask).append('}').toString());
        final String account = "/v1/accounts/" + ask.accountId();
        final String path = switch (ask.op()) {
            case OPEN -> "/v1/accounts";
            case CREDIT -> account + "/credit";
            case WITHDRAW -> account + "/withdraw";
            case LIMIT -> account + "/creditLimit";
        };
        return request(ledger.resolve(path), timeout)
                .header("Idempotency-Key", ask.key())
                .method(ask.op() == Op.LIMIT ? "PUT" : "POST", body)
                .build();
    }

    private static StringBuilder appendAmount(final StringBuilder json, final Ask ask) {
        final boolean isMoney = ask.op() == Op.CREDIT || ask.op() == Op.WITHDRAW;
        return json.append(isMoney ? "\"amount\":" : "\"creditLimit\":").append(ask.amount());
    }

    private static HttpRequest.Builder request(final URI uri, final Duration timeout) {
        return HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Content-Type", "application/json");
    }

    /** An answer for each command of a batch, in order. */
    static List<Answer> batchAnswers(final HttpResponse<String> response, final int count) {
        final JsonObject body = new JsonObject(response.body());
        final List<Answer> answers = new ArrayList<>(count);
        if (response.statusCode() != 200) {
            final Answer all = problemOf(body, response.statusCode(), false);
            for (int i = 0; i < count; i++) {
                answers.add(all);
            }
            return answers;
        }
        final JsonArray results = body.getJsonArray("results");
        for (int i = 0; i < count; i++) {
            answers.add(resultOf(results.getJsonObject(i)));
        }
        return answers;
    }

    static Answer singleAnswer(final HttpResponse<String> response) {
        final JsonObject body = new JsonObject(response.body());
        final boolean isReplayed =
                response.headers().firstValue("Idempotency-Replayed").orElse("").equals("true");
        return response.statusCode() < 300
                ? decided(body, response.statusCode(), isReplayed)
                : problemOf(body, response.statusCode(), isReplayed);
    }

    private static Answer resultOf(final JsonObject result) {
        final int status = result.getInteger("status");
        final boolean isReplayed = result.getBoolean("replayed", false);
        final @Nullable JsonObject problem = result.getJsonObject("problem");
        if (problem != null) {
            return problemOf(problem, status, isReplayed);
        }
        final @Nullable JsonObject transaction = result.getJsonObject("transaction");
        return decided(
                transaction == null ? result.getJsonObject("account") : transaction,
                status,
                isReplayed);
    }

    private static Answer decided(
            final JsonObject body, final int status, final boolean isReplayed) {
        final @Nullable String transactionId = body.getString("transactionId");
        final String position = transactionId == null ? body.getString("position") : transactionId;
        return at(
                position,
                status,
                body.getLong("balance"),
                body.getLong("creditLimit"),
                isReplayed,
                "");
    }

    private static Answer problemOf(
            final JsonObject problem, final int status, final boolean isReplayed) {
        final String code = problem.getString("code", "none");
        final @Nullable String position = problem.getString("position");
        if (position != null) {
            return at(position, status, 0, 0, isReplayed, code);
        }
        if (code.equals("idempotency_key_reused")) {
            return Answer.problem(Answer.Kind.REUSED, status, code);
        }
        final String outcome = problem.getString("outcome", "unknown");
        if (outcome.equals("not_applied") && problem.getString("retry", "").equals("same_key")) {
            return Answer.problem(Answer.Kind.NOT_APPLIED, status, code);
        }
        return outcome.equals("unknown")
                ? Answer.problem(Answer.Kind.UNKNOWN, status, code)
                : Answer.problem(Answer.Kind.UNEXPECTED, status, code);
    }

    private static Answer at(
            final String position,
            final int status,
            final long balance,
            final long creditLimit,
            final boolean isReplayed,
            final String code) {
        final int dash = position.indexOf('-');
        return new Answer(
                Answer.Kind.DECIDED,
                status,
                Integer.parseInt(position.substring(0, dash)),
                Long.parseLong(position.substring(dash + 1)),
                balance,
                creditLimit,
                isReplayed,
                code);
    }
}
