package io.ringledger.gatling;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a simulation is given: where the ledger is, how much to send, and the book that it keeps. Gatling makes
 * simulations itself, without arguments, so the load of the run stands in a static field.
 */
final class Load {
    private static volatile @Nullable Load current;

    private final URI url;
    private final double rate;
    private final int seconds;
    private final int rampSeconds;
    private final int commandsInBatch;
    private final List<String> accounts;
    private final Book book;
    private final Meter meter = new Meter();
    private final Random seeds;

    /**
     * @param rate arrivals a second
     * @param seconds at that rate, after the ramp
     * @param rampSeconds from nothing to that rate
     * @param commandsInBatch commands a request, where a simulation sends batches
     * @param accounts that are open
     */
    Load(
            final URI url,
            final double rate,
            final int seconds,
            final int rampSeconds,
            final int commandsInBatch,
            final List<String> accounts,
            final long seed) {
        if (rate <= 0 || seconds < 1 || rampSeconds < 0 || accounts.isEmpty()) {
            throw new IllegalArgumentException("invalid load: rate=" + rate + ", seconds=" + seconds
                    + ", rampSeconds=" + rampSeconds + ", accounts=" + accounts.size());
        }
        this.url = url;
        this.rate = rate;
        this.seconds = seconds;
        this.rampSeconds = rampSeconds;
        this.commandsInBatch = commandsInBatch;
        this.accounts = new ArrayList<>(accounts);
        this.book = new Book(accounts);
        this.seeds = new Random(seed);
    }

    /** The load of the run that is under way. */
    static Load current() {
        final Load load = current;
        if (load == null) {
            throw new IllegalStateException("no load: simulations are started by GatlingMain");
        }
        return load;
    }

    static void begin(final Load load) {
        current = load;
    }

    URI url() {
        return url;
    }

    double rate() {
        return rate;
    }

    int seconds() {
        return seconds;
    }

    int rampSeconds() {
        return rampSeconds;
    }

    int commandsInBatch() {
        return commandsInBatch;
    }

    Book book() {
        return book;
    }

    Meter meter() {
        return meter;
    }

    List<String> accounts() {
        return accounts;
    }

    /** Random writes on all accounts, two credits for each withdrawal, with random keys. */
    Writes writes() {
        return writesOn(accounts);
    }

    /** The same on some. */
    Writes writesOn(final List<String> some) {
        return new Writes(some, new Random(seeds.nextLong()));
    }
}
