package io.ringledger.gatling;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The simulations, and how much they send unless told otherwise. */
enum Kind {
    /** {@link MixSimulation}. */
    MIX(MixSimulation.class, 400, 20),
    /** {@link HotAccountSimulation}. */
    HOT(HotAccountSimulation.class, 400, 20),
    /** {@link BatchSimulation}. */
    BATCH(BatchSimulation.class, 5, 4),
    /** {@link ReadAfterWriteSimulation}: each arrival is two requests. */
    READ_AFTER_WRITE(ReadAfterWriteSimulation.class, 200, 20),
    /** {@link RetriesSimulation}: each arrival is two requests. */
    RETRIES(RetriesSimulation.class, 200, 20);

    private final Class<? extends LedgerSimulation> simulation;
    private final double rate;
    private final double smokeRate;

    Kind(
            final Class<? extends LedgerSimulation> simulation,
            final double rate,
            final double smokeRate) {
        this.simulation = simulation;
        this.rate = rate;
        this.smokeRate = smokeRate;
    }

    /** As on the command line. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> labels() {
        return Stream.of(values()).map(Kind::label).toList();
    }

    Class<? extends LedgerSimulation> simulation() {
        return simulation;
    }

    /** Arrivals a second: what two cores with everything on them take easily, so that times mean something. */
    double rate(final boolean isSmoke) {
        return isSmoke ? smokeRate : rate;
    }
}
