package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import com.fasterxml.jackson.databind.JsonNode;

import io.gatling.javaapi.core.Session;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A write, and at once a read that must show it, by {@code after=}. */
public final class ReadAfterWriteSimulation extends LedgerSimulation {
    private static final String READ = "read own write";

    /** By key, between the answer to a write and its read. */
    private final Map<String, Position> written = new ConcurrentHashMap<>();

    /** By Gatling. */
    public ReadAfterWriteSimulation() {
        final Writes writes = load().writes();
        arrive(scenario("read-after-write")
                .exec(
                        think(_ -> writes.next()),
                        send("write", this::taken),
                        doIf(session -> written.containsKey(write(session).key()))
                                .then(exec(ask(
                                        READ,
                                        http(READ).get(this::path).check(status().is(200)),
                                        this::read)))));
    }

    private void taken(final Write write, final @Nullable Answer answer) {
        enter(write, answer);
        if (answer != null && answer.isOutcome()) {
            final JsonNode json = Answer.json(answer.body());
            final String position = json.has("transactionId") ? "transactionId" : "position";
            written.put(write.key(), Position.parse(json.path(position).asText()));
        }
    }

    private String path(final Session session) {
        final Write write = write(session);
        return "/v1/accounts/" + write.account() + "/balance?after=" + position(write);
    }

    private Position position(final Write write) {
        return Objects.requireNonNull(written.get(write.key()));
    }

    private void read(final Session session, final @Nullable Answer answer) {
        final Write write = write(session);
        final Position asked = position(write);
        written.remove(write.key());
        if (answer == null || answer.status() == 503) {
            return;
        }
        final String shown = Answer.json(answer.body()).path("position").asText();
        if (answer.status() != 200 || !Position.parse(shown).shows(asked)) {
            load().book().wrong("asked for " + asked + ", got " + answer);
        }
    }
}
