package io.ringledger.simulation;

import io.ringledger.ledger.ownership.Lease;
import io.ringledger.ledger.ownership.LeaseTable;
import io.ringledger.ledger.ownership.Member;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The lease table: one linearizable item per partition and process, behind a network that loses and
 * delays. What fails may have taken effect, or still will.
 */
final class SimLeaseTable {
    private static final long FASTEST_NS = 300_000;
    private static final long USUAL_NS = 4_000_000;
    private static final long TIMEOUT_NS = 1_000_000_000L;
    private static final long LATE_NS = 15_000_000_000L;
    private static final long PAUSE_NS = 8_000_000_000L;
    private static final long SLOW_NS = 5_000_000_000L;

    private final World world;
    private final SplittableRandom random;
    private final TreeMap<Integer, Lease> leases = new TreeMap<>();
    private final TreeMap<String, Member> members = new TreeMap<>();
    private long awayUntilNs;
    private @Nullable SimProcess muted;
    private long mutedUntilNs;

    SimLeaseTable(final World world) {
        this.world = world;
        random = world.draws().of("lease table");
    }

    /** Who owns a partition now, as nobody in the world can know it; null if nobody ever did. */
    @Nullable Lease truth(final int partition) {
        return leases.get(partition);
    }

    /** The table cannot be reached for a while. */
    void away(final long durationNs) {
        awayUntilNs = world.nowNs() + durationNs;
    }

    /** A process cannot write for a while: it is taken to be dead, and does not know it. */
    void mute(final SimProcess process, final long durationNs) {
        muted = process;
        mutedUntilNs = world.nowNs() + durationNs;
    }

    /** The table as one process sees it. */
    LeaseTable of(final SimProcess process) {
        return new View(process);
    }

    private final class View implements LeaseTable {
        private final SimProcess process;

        View(final SimProcess process) {
            this.process = process;
        }

        @Override
        public CompletionStage<Book> readAll() {
            return read(
                    () -> new Book(List.copyOf(leases.values()), List.copyOf(members.values())));
        }

        @Override
        public CompletionStage<@Nullable Lease> read(final int partition) {
            final CompletionStage<@Nullable Lease> asked =
                    this.<@Nullable Lease>read(() -> leases.get(partition));
            if (world.fires(Fault.LEDGER_PAUSE_AT_CONFIRM)) {
                process.pauseFor(random.nextLong(PAUSE_NS));
            }
            return asked;
        }

        @Override
        public CompletionStage<Boolean> take(final @Nullable Lease seen, final Lease mine) {
            return write("take", mine.partition(), mine.epoch(), () -> {
                final Lease now = leases.get(mine.partition());
                final boolean isSame = seen == null ? now == null : seen.equals(now);
                if (isSame) {
                    leases.put(mine.partition(), mine);
                }
                return isSame;
            });
        }

        @Override
        public CompletionStage<Boolean> renew(final Lease mine) {
            return write("renew", mine.partition(), mine.epoch(), () -> {
                final boolean isMine = isMine(mine);
                if (isMine) {
                    leases.put(mine.partition(), mine);
                }
                return isMine;
            });
        }

        @Override
        public CompletionStage<Boolean> release(final Lease mine) {
            return write("release", mine.partition(), mine.epoch(), () -> {
                final boolean isMine = isMine(mine);
                if (isMine) {
                    leases.put(
                            mine.partition(),
                            new Lease(
                                    mine.partition(),
                                    Lease.NOBODY,
                                    mine.epoch(),
                                    mine.heartbeat(),
                                    mine.sequence()));
                }
                return isMine;
            });
        }

        @Override
        public CompletionStage<?> announce(final Member member) {
            return write("announce", -1, member.heartbeat(), () -> {
                members.put(member.owner(), member);
                return true;
            });
        }

        @Override
        public CompletionStage<?> remove(final Member member) {
            return write("remove", -1, member.heartbeat(), () -> {
                members.remove(member.owner(), member);
                return true;
            });
        }

        private boolean isMine(final Lease mine) {
            final Lease now = leases.get(mine.partition());
            return now != null && now.owner().equals(mine.owner()) && now.epoch() == mine.epoch();
        }

        private <T extends @Nullable Object> CompletionStage<T> read(final Supplier<T> work) {
            final CompletableFuture<T> call = process.newCall();
            final long there = latencyNs();
            if (isAway()) {
                fail(call, TIMEOUT_NS);
            } else if (world.fires(Fault.LEASE_READ_FAILED)) {
                fail(call, there);
            } else {
                final long slowNs =
                        world.fires(Fault.LEASE_READ_SLOW) ? random.nextLong(SLOW_NS) : 0;
                // On its way there what it shows is new, on its way back it grows old.
                final long slow = random.nextInt(3) == 0 ? slowNs : 0;
                final long back = latencyNs() + slowNs - slow;
                world.in(there + slow, null, () -> {
                    final T found = work.get();
                    process.answer(back, () -> call.complete(found));
                });
            }
            return call;
        }

        private CompletionStage<Boolean> write(
                final String what,
                final int partition,
                final long number,
                final BooleanSupplier work) {
            final CompletableFuture<Boolean> call = process.newCall();
            final long there = latencyNs();
            final BooleanSupplier traced = () -> {
                final boolean isDone = work.getAsBoolean();
                world.trace(
                        process.name(),
                        isDone ? "lease " + what : "lease refused " + what,
                        partition,
                        number,
                        null);
                return isDone;
            };
            if (isAway() || isMuted() || world.fires(Fault.LEASE_WRITE_LOST)) {
                fail(call, TIMEOUT_NS);
            } else if (world.fires(Fault.LEASE_WRITE_UNKNOWN)) {
                world.in(there, null, () -> run(traced));
                fail(call, TIMEOUT_NS);
            } else if (world.fires(Fault.LEASE_WRITE_LATE)) {
                world.in(random.nextLong(LATE_NS), null, () -> run(traced));
                fail(call, TIMEOUT_NS);
            } else {
                world.in(there, null, () -> {
                    final boolean isDone = traced.getAsBoolean();
                    process.answer(latencyNs(), () -> call.complete(isDone));
                });
            }
            return call;
        }

        /** Nobody hears what came of it. */
        private void run(final BooleanSupplier unheard) {
            final boolean _ = unheard.getAsBoolean();
        }

        private boolean isMuted() {
            return !world.isHealed() && muted == process && world.nowNs() < mutedUntilNs;
        }

        private boolean isAway() {
            return !world.isHealed() && world.nowNs() < awayUntilNs;
        }

        private void fail(final CompletableFuture<?> call, final long delayNs) {
            process.answer(
                    delayNs,
                    () -> call.completeExceptionally(
                            delayNs == TIMEOUT_NS
                                    ? new TimeoutException("no answer")
                                    : new IOException("table failed")));
        }

        private long latencyNs() {
            return FASTEST_NS + random.nextLong(USUAL_NS);
        }
    }
}
