package io.ringledger.torture;

import io.ringledger.emulators.PostgresLocal;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Kills, freezes and restarts by its seed, as fast as the goals of the campaign ask for. Runs on the
 * thread that calls {@link #run}.
 */
final class Nemesis implements AutoCloseable {
    private static final long TICK_MS = 100;

    /** One that has just started, or that nobody can stand in for, is worth a kill too, but rarely. */
    private static final double RECKLESS_SHARE = 0.15;

    private static final int LEDGERS_PERCENT = 70;

    private final TortureOptions options;
    private final Children children;
    private final Owners owners;
    private final Takeovers takeovers;
    private final PostgresLocal postgres;
    private final Tally tally;
    private final Random random;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("nemesis-", 0).factory());
    private long frozenUntilNs = System.nanoTime();
    private CompletableFuture<Void> postgresRestart = CompletableFuture.completedFuture(null);

    Nemesis(
            final TortureOptions options,
            final Children children,
            final Owners owners,
            final Takeovers takeovers,
            final PostgresLocal postgres,
            final Tally tally) {
        this.options = options;
        this.children = children;
        this.owners = owners;
        this.takeovers = takeovers;
        this.postgres = postgres;
        this.tally = tally;
        random = new Random(options.seed());
    }

    /**
     * Until the time is up.
     *
     * @throws CancellationException if it is closed before
     */
    void run(final Consumer<Double> onTick) throws InterruptedException {
        final long startNs = System.nanoTime();
        final double totalNs = TimeUnit.SECONDS.toNanos(options.seconds());
        double done = 0;
        while (done < 1) {
            if (timer.isShutdown()) {
                throw new CancellationException("stopped before the time was up");
            }
            act(done);
            onTick.accept(done);
            TimeUnit.MILLISECONDS.sleep(TICK_MS);
            done = (System.nanoTime() - startNs) / totalNs;
        }
    }

    /** Whatever is most behind its goal. */
    private void act(final double done) {
        // Steady in the mean, bunched at random.
        final double due = done * (0.7 + 0.6 * random.nextDouble());
        if (tally.sum("pause/") < due * options.pauses()) {
            pauseOne();
        } else if (kills() < due * options.kills()) {
            killOne();
        } else if (tally.sum("postgres/") < due * options.postgresRestarts()) {
            restartPostgres();
        }
    }

    private long kills() {
        return tally.sum("kill/") + tally.sum("failpoint/");
    }

    private void killOne() {
        if (options.isOwnersOnly() && !takeovers.open().isEmpty()) {
            return;
        }
        final Role role = options.isOwnersOnly() || random.nextInt(100) < LEDGERS_PERCENT
                ? Role.LEDGER
                : Role.CONSUMER;
        final List<Child> candidates = victims(role);
        if (candidates.isEmpty()) {
            return;
        }
        final Child victim = candidates.get(random.nextInt(candidates.size()));
        final List<Integer> owned = owned(victim);
        if (options.isOwnersOnly() && owned.isEmpty()) {
            return;
        }
        if (victim.kill() && !owned.isEmpty()) {
            takeovers.onOwnerGone(owned, children.isDisturbed(victim));
        }
    }

    private void pauseOne() {
        if (System.nanoTime() - frozenUntilNs < 0) {
            return;
        }
        final Role role = random.nextInt(100) < 80 ? Role.LEDGER : Role.CONSUMER;
        final List<Child> candidates = victims(role);
        if (candidates.isEmpty()) {
            return;
        }
        final Child victim = candidates.get(random.nextInt(candidates.size()));
        final List<Integer> owned = owned(victim);
        final boolean isDisturbed = children.isDisturbed(victim);
        if (!victim.pause()) {
            return;
        }
        tally.add("pause/" + role.module());
        if (!owned.isEmpty()) {
            takeovers.onOwnerGone(owned, isDisturbed);
        }
        final long pauseMs = options.leaseMs() + 500L + random.nextInt(2_500);
        frozenUntilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
        final ScheduledFuture<?> _ = timer.schedule(victim::resume, pauseMs, TimeUnit.MILLISECONDS);
    }

    private void restartPostgres() {
        if (!postgresRestart.isDone()) {
            return;
        }
        tally.add("postgres/restart");
        final long awayMs = 200L + random.nextInt(2_000);
        postgresRestart = CompletableFuture.runAsync(
                () -> {
                    postgres.stopServer();
                    try {
                        TimeUnit.MILLISECONDS.sleep(awayMs);
                    } catch (final InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    postgres.startServer();
                },
                timer);
    }

    private List<Child> victims(final Role role) {
        final boolean isReckless = !options.isOwnersOnly() && random.nextDouble() < RECKLESS_SHARE;
        final boolean isAlone = children.of(role).size() == 1;
        return children.of(role).stream()
                .filter(child -> child.ageMs() > (isReckless ? 0 : Children.GROWN_UP_MS))
                .filter(child -> isReckless || isAlone || children.hasDeputy(child))
                .toList();
    }

    private List<Integer> owned(final Child victim) {
        return victim.role() == Role.LEDGER ? owners.ownedBy(victim.pid()) : List.of();
    }

    /** Undoes everything that can be undone; blocks. */
    void heal() {
        postgresRestart.join();
        children.all().forEach(Child::resume);
    }

    @Override
    public void close() {
        timer.shutdown();
    }
}
