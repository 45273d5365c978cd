package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.responseTimeInMillis;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpRequestActionBuilder;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What simulations share. Users arrive at a rate, however long the answers take (an open model: a slow service
 * gets no less to do), over connections that they share. Each asks for little and leaves.
 */
abstract class LedgerSimulation extends Simulation {
    private static final String WRITE = "write";
    private static final String STATUS = "status";
    private static final String BODY = "body";
    private static final String REPLAYED = "replayed";
    private static final String TIME = "ms";

    /** Beyond it a run is ended; the service itself gives up after 30 s. */
    private static final int SECONDS_TO_END = 90;

    private final Load load = Load.current();

    final Load load() {
        return load;
    }

    /** The whole simulation: this scenario, at the load's rate. */
    final void arrive(final ScenarioBuilder scenario) {
        final List<OpenInjectionStep> steps = new ArrayList<>();
        if (load.rampSeconds() > 0) {
            steps.add(rampUsersPerSec(1).to(load.rate()).during(load.rampSeconds()));
        }
        steps.add(constantUsersPerSec(load.rate()).during(load.seconds()));
        setUp(scenario.injectOpen(steps.toArray(OpenInjectionStep[]::new)))
                .protocols(http.baseUrl(load.url().toString())
                        .contentTypeHeader("application/json")
                        .shareConnections()
                        .disableCaching()
                        .disableWarmUp())
                .maxDuration(Duration.ofSeconds(
                        load.rampSeconds() + (long) load.seconds() + SECONDS_TO_END));
    }

    /** Gives the user a write to send. */
    final ChainBuilder think(final Function<Session, Write> choice) {
        return exec(session -> session.set(WRITE, choice.apply(session)));
    }

    /** Sends the user's write and hands the answer over, if there was one. */
    final ChainBuilder send(final String request, final BiConsumer<Write, @Nullable Answer> taker) {
        return ask(
                request,
                http(request)
                        .post(session -> write(session).path())
                        .header("Idempotency-Key", session -> write(session).key())
                        .body(StringBody(session -> write(session).body()))
                        .check(status().in(201, 422)),
                (session, answer) -> taker.accept(write(session), answer));
    }

    /** Sends a request of the simulation's own, meters it, and hands the answer over, if there was one. */
    final ChainBuilder ask(
            final String request,
            final HttpRequestActionBuilder builder,
            final BiConsumer<Session, @Nullable Answer> taker) {
        return exec(session -> session.removeAll(STATUS, BODY, REPLAYED, TIME))
                .exec(builder.check(
                        status().saveAs(STATUS),
                        bodyString().saveAs(BODY),
                        header("Idempotency-Replayed").optional().saveAs(REPLAYED),
                        responseTimeInMillis().saveAs(TIME)))
                .exec(session -> {
                    final Answer answer = answer(session);
                    if (answer == null || answer.status() == 503) {
                        load.meter().failed(request);
                    } else {
                        load.meter().answered(request, session.getInt(TIME));
                    }
                    taker.accept(session, answer);
                    return session;
                });
    }

    static Write write(final Session session) {
        final Write write = session.get(WRITE);
        if (write == null) {
            throw new IllegalStateException("the user has nothing to send");
        }
        return write;
    }

    private static @Nullable Answer answer(final Session session) {
        return session.contains(STATUS) && session.contains(BODY)
                ? new Answer(
                        session.getInt(STATUS),
                        String.valueOf(session.getString(BODY)),
                        "true".equals(session.getString(REPLAYED)))
                : null;
    }

    /** The first answer to a write, or that there was none. */
    final void enter(final Write write, final @Nullable Answer answer) {
        if (answer == null) {
            load.book().unknown(write);
        } else {
            answer.enter(write, load.book());
        }
    }
}
