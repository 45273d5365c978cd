package io.ringledger.torture;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * The client of the campaign: commands alone and in batches, again with the same key wherever
 * nobody knows or nothing was applied, some of them only much later; commands that have an outcome
 * once more; keys once more with another content. Everything goes through the journal.
 *
 * <p>Each of its threads has its own seed. {@link #start}, {@link #stop} and {@link #resolve} belong
 * to one thread; the counts may be asked by any.
 */
final class LoadClient {
    private static final int MAX_BATCH = 600;
    private static final int MIN_BACK_OFF_MS = 40;
    private static final int MAX_BACK_OFF_MS = 400;
    private static final int KEPT_ANSWERED = 20_000;
    private static final int RESOLVED_AT_ONCE = 400;
    private static final int MANY_LATER = 1_000;

    private final LedgerHttp http;
    private final Journal journal;
    private final Asks asks;
    private final Decided decided;
    private final double perSecond;
    private final ConcurrentLinkedQueue<Ask> later = new ConcurrentLinkedQueue<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final long startNs = System.nanoTime();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean isStopping;
    private volatile boolean isAbandoned;

    // Guarded by itself: some of the commands that have an outcome.
    private final List<Ask> answered = new ArrayList<>();

    LoadClient(
            final LedgerHttp http,
            final Journal journal,
            final Asks asks,
            final Decided decided,
            final double perSecond) {
        this.http = http;
        this.journal = journal;
        this.asks = asks;
        this.decided = decided;
        this.perSecond = perSecond;
    }

    /** Opens the accounts, waits for all of them, and says how many are open. */
    void openAccounts(final IntConsumer progress) throws InterruptedException {
        final Random random = new Random(0);
        for (int from = 0; from < asks.accounts(); from += MAX_BATCH) {
            final List<Ask> opens = new ArrayList<>();
            for (int i = from; i < Math.min(from + MAX_BATCH, asks.accounts()); i++) {
                opens.add(asks.of(i, Op.OPEN, 100L * random.nextInt(10)));
            }
            journal.asked(opens);
            settle(opens, random, false);
            progress.accept(from + opens.size());
        }
    }

    void start(final int threadCount, final long seed) {
        for (int i = 0; i < threadCount; i++) {
            final Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform().name("load-" + i).start(() -> work(random)));
        }
    }

    /** No new commands; those under way may still get their outcome. */
    void stop() throws InterruptedException {
        isStopping = true;
        for (final Thread thread : threads) {
            thread.join();
        }
    }

    /** Ends at once; what is under way stays without an outcome. Any thread. */
    void abandon() {
        isStopping = true;
        isAbandoned = true;
        threads.forEach(Thread::interrupt);
    }

    /** Asks again for all outcomes that are not known, and says how many are left; false if some still are not. */
    boolean resolve(final long deadlineNs, final IntConsumer progress) throws InterruptedException {
        final Random random = new Random(1);
        while (!later.isEmpty() && System.nanoTime() < deadlineNs) {
            final List<Ask> open = takeLater();
            final List<Ask> left = attempt(open);
            later.addAll(left);
            progress.accept(later.size());
            if (!left.isEmpty()) {
                pause(random);
            }
        }
        return later.isEmpty();
    }

    /** Takes over a command whose outcome nobody knows; its intent is in the journal. */
    void resolveLater(final Ask ask) {
        later.add(ask);
    }

    /** Commands whose outcome somebody else has heard. */
    void countAcknowledged() {
        acknowledged.incrementAndGet();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    int unresolved() {
        return later.size();
    }

    private void work(final Random random) {
        try {
            while (!isStopping) {
                final int kind = random.nextInt(100);
                if (kind < (later.size() > MANY_LATER ? 50 : 10) && !later.isEmpty()) {
                    later.addAll(attempt(takeLater()));
                } else if (kind >= 50 && kind < 54) {
                    askAgain(random);
                } else if (kind >= 54 && kind < 57) {
                    forge(random);
                } else {
                    final int size = kind % 3 == 0 ? 1 : 1 + random.nextInt(MAX_BATCH);
                    awaitTurn(size);
                    final List<Ask> fresh = asks.random(random, size);
                    journal.asked(fresh);
                    settle(fresh, random, random.nextInt(10) == 0);
                }
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final UncheckedIOException e) {
            // Interrupting who is writing closes the journal, for all.
            if (!isAbandoned) {
                throw e;
            }
        }
    }

    /** Until the pace allows for so many more. */
    private void awaitTurn(final int size) throws InterruptedException {
        final double due = sent.getAndAdd(size) / perSecond;
        while (!isStopping && due > (System.nanoTime() - startNs) / 1e9) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Until each has an outcome, or the time to stop has come. */
    private void settle(final List<Ask> fresh, final Random random, final boolean givesUpEarly)
            throws InterruptedException {
        List<Ask> open = attempt(fresh);
        while (!open.isEmpty() && !isStopping && !givesUpEarly) {
            pause(random);
            open = attempt(open);
        }
        later.addAll(open);
    }

    /** One attempt; returns what has no outcome yet. */
    private List<Ask> attempt(final List<Ask> open) throws InterruptedException {
        if (open.isEmpty()) {
            return open;
        }
        final long sentNs = System.nanoTime();
        final List<Answer> answers = http.send(open);
        journal.answered(open, answers);
        final List<Ask> left = new ArrayList<>();
        int known = 0;
        for (int i = 0; i < open.size(); i++) {
            final Answer answer = answers.get(i);
            if (!answer.isSettled()) {
                left.add(open.get(i));
            } else if (answer.kind() == Answer.Kind.DECIDED) {
                known++;
                decided.onDecided(open.get(i), answer, sentNs);
                keep(open.get(i));
            }
        }
        acknowledged.addAndGet(known);
        return left;
    }

    private void keep(final Ask ask) {
        synchronized (answered) {
            if (answered.size() < KEPT_ANSWERED) {
                answered.add(ask);
            } else {
                answered.set(Math.floorMod(ask.number() * 31, KEPT_ANSWERED), ask);
            }
        }
    }

    private List<Ask> someAnswered(final Random random, final int count) {
        final List<Ask> some = new ArrayList<>();
        synchronized (answered) {
            for (int i = 0; i < count && !answered.isEmpty(); i++) {
                some.add(answered.get(random.nextInt(answered.size())));
            }
        }
        return some;
    }

    /** The outcome must be the first one, number by number: the journal's reader compares. */
    private void askAgain(final Random random) throws InterruptedException {
        final List<Ask> again = someAnswered(random, 1 + random.nextInt(20));
        if (!again.isEmpty()) {
            journal.answered(again, http.send(again));
        }
    }

    private void forge(final Random random) throws InterruptedException {
        for (final Ask ask : someAnswered(random, 1)) {
            journal.forged(ask);
            journal.forgedAnswer(ask, http.send(List.of(ask.forged())).getFirst());
        }
    }

    private List<Ask> takeLater() {
        final List<Ask> taken = new ArrayList<>();
        for (Ask ask = later.poll(); ask != null; ask = later.poll()) {
            taken.add(ask);
            if (taken.size() == RESOLVED_AT_ONCE) {
                break;
            }
        }
        return taken;
    }

    private static void pause(final Random random) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(
                MIN_BACK_OFF_MS + random.nextInt(MAX_BACK_OFF_MS - MIN_BACK_OFF_MS));
    }
}
