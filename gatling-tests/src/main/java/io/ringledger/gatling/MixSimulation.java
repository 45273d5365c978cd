package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.scenario;

/** Credits and withdrawals, two to one, on random accounts, one command a request. */
public final class MixSimulation extends LedgerSimulation {
    /** By Gatling. */
    public MixSimulation() {
        final Writes writes = load().writes();
        arrive(scenario("mix").exec(think(_ -> writes.next()), send("write", this::enter)));
    }
}
