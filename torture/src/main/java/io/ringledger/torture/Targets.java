package io.ringledger.torture;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The ledger processes' addresses, in turn: any of them takes any command. Thread-safe. */
final class Targets {
    private final List<URI> ledgers;
    private final AtomicInteger turn = new AtomicInteger();

    Targets(final List<URI> ledgers) {
        this.ledgers = List.copyOf(ledgers);
    }

    URI next() {
        return ledgers.get(Math.floorMod(turn.getAndIncrement(), ledgers.size()));
    }
}
