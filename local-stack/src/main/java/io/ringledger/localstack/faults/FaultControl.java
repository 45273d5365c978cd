package io.ringledger.localstack.faults;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * The script by hand, on the proxy's own port: {@code GET /faults} shows rules and counts, {@code
 * POST /faults?fault=…} adds a rule, {@code DELETE /faults} ends all of them. AWS clients only ever
 * ask for {@code /}. Stateless.
 */
final class FaultControl {
    static final String PATH = "/faults";

    private static final Set<String> PARAMETERS =
            Set.of("fault", "action", "probability", "every", "limit", "seconds", "delayMs");

    private FaultControl() {}

    static void handle(final HttpServerRequest request, final FaultScript script) {
        final HttpMethod method = request.method();
        if (HttpMethod.POST.equals(method)) {
            try {
                script.add(rule(request.params()));
            } catch (final IllegalArgumentException e) {
                send(request, 400, new JsonObject().put("error", e.getMessage()));
                return;
            }
        } else if (HttpMethod.DELETE.equals(method)) {
            script.clear();
        } else if (!HttpMethod.GET.equals(method)) {
            send(request, 405, new JsonObject().put("error", "GET, POST or DELETE"));
            return;
        }
        send(request, 200, state(script));
    }

    private static FaultRule rule(final MultiMap parameters) {
        for (final String name : parameters.names()) {
            if (!PARAMETERS.contains(name)) {
                throw new IllegalArgumentException(
                        "no such parameter: " + name + ", known: " + PARAMETERS);
            }
        }
        final @Nullable String fault = parameters.get("fault");
        if (fault == null) {
            throw new IllegalArgumentException("fault is missing");
        }
        final @Nullable String action = parameters.get("action");
        final @Nullable String probability = parameters.get("probability");
        final @Nullable String seconds = parameters.get("seconds");
        return new FaultRule(
                Fault.of(fault),
                action == null ? "" : action,
                probability == null ? 1 : Double.parseDouble(probability),
                Math.toIntExact(number(parameters, "every", 1)),
                number(parameters, "limit", Long.MAX_VALUE),
                seconds == null
                        ? Long.MAX_VALUE
                        : Math.multiplyExact(1_000L, Long.parseLong(seconds)),
                number(parameters, "delayMs", 0));
    }

    private static long number(
            final MultiMap parameters, final String name, final long defaultValue) {
        final @Nullable String text = parameters.get(name);
        return text == null ? defaultValue : Long.parseLong(text);
    }

    private static JsonObject state(final FaultScript script) {
        final JsonArray rules = new JsonArray();
        script.rules()
                .forEach(rule -> rules.add(new JsonObject()
                        .put("fault", rule.fault().wireName())
                        .put("action", rule.action())
                        .put("probability", rule.probability())
                        .put("every", rule.every())
                        .put("limit", rule.limit() == Long.MAX_VALUE ? null : rule.limit())
                        .put("forMs", rule.forMs() == Long.MAX_VALUE ? null : rule.forMs())
                        .put("delayMs", rule.delayMs())));
        final JsonObject fired = new JsonObject();
        script.fired().forEach((fault, count) -> fired.put(fault.wireName(), count));
        final JsonObject requests = new JsonObject();
        script.requests().forEach(requests::put);
        return new JsonObject().put("rules", rules).put("fired", fired).put("requests", requests);
    }

    private static void send(
            final HttpServerRequest request, final int status, final JsonObject body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body.encodePrettily() + "\n");
    }
}
