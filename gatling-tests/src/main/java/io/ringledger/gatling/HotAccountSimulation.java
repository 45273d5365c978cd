package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.scenario;

/** The same as the mix, all of it on one account. */
public final class HotAccountSimulation extends LedgerSimulation {
    /** By Gatling. */
    public HotAccountSimulation() {
        final Writes writes = load().writesOn(load().accounts().subList(0, 1));
        arrive(scenario("hot").exec(think(_ -> writes.next()), send("write", this::enter)));
    }
}
