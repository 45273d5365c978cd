package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import com.fasterxml.jackson.databind.JsonNode;

import io.gatling.javaapi.core.Session;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Many commands a request; each has its own outcome. */
public final class BatchSimulation extends LedgerSimulation {
    private static final String WRITES = "writes";

    /** By Gatling. */
    public BatchSimulation() {
        final Writes writes = load().writes();
        final int commands = load().commandsInBatch();
        arrive(scenario("batch")
                .exec(
                        exec(session -> session.set(WRITES, writes.next(commands))),
                        ask(
                                "batch of " + commands,
                                http("batch of " + commands)
                                        .post("/v1/batches")
                                        .body(StringBody(BatchSimulation::body))
                                        .check(status().is(200)),
                                this::take)));
    }

    private static String body(final Session session) {
        return batch(session).stream()
                .map(Write::batchMember)
                .collect(Collectors.joining(",", "{\"commands\":[", "]}"));
    }

    private static List<Write> batch(final Session session) {
        return Objects.requireNonNull(session.get(WRITES));
    }

    private void take(final Session session, final @Nullable Answer answer) {
        final List<Write> batch = batch(session);
        if (answer == null || answer.status() != 200) {
            // A batch that was refused as a whole has applied nothing; without an answer nobody
            // knows.
            batch.forEach(write -> enter(write, answer));
            return;
        }
        final JsonNode results = Answer.json(answer.body()).path("results");
        if (results.size() != batch.size()) {
            load().book().wrong(results.size() + " results of " + batch.size() + " commands");
        }
        for (int i = 0; i < batch.size(); i++) {
            final JsonNode result = results.path(i);
            final JsonNode content =
                    result.has("transaction") ? result.path("transaction") : result.path("problem");
            enter(
                    batch.get(i),
                    new Answer(result.path("status").asInt(), content.toString(), false));
        }
    }
}
