package io.ringledger.simulation;

import io.ringledger.consumer.ViewBatch;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.AccountModel;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.simulation.NaiveLedger.Broken;

import java.util.ArrayList;
import java.util.List;

/**
 * Knows what has happened, and holds everything that anybody says or shows against it. The letters
 * are those of the promises:
 *
 * <ul>
 *   <li>(a) every acknowledged command is in the log exactly once, with that outcome
 *   <li>(b) the log replayed gives the live state
 *   <li>(c) sums are zero, no account passes its limit
 *   <li>(d) nothing is half applied
 *   <li>(e) no key has two outcomes
 *   <li>(f) no answer shows what is not durable
 *   <li>(g) one canonical frame per number
 *   <li>(h) every view is the fold of the log at its position
 * </ul>
 */
final class Oracle implements AutoCloseable {
    private final World world;
    private final List<CanonicalLog> logs = new ArrayList<>();
    private final List<ViewShadow> shadows = new ArrayList<>();

    Oracle(final World world, final int partitions, final ModelContext modelContext) {
        this.world = world;
        for (int i = 0; i < partitions; i++) {
            final CanonicalLog log = new CanonicalLog(i, partitions, modelContext, world.tally());
            logs.add(log);
            shadows.add(new ViewShadow(log));
        }
    }

    CanonicalLog log(final int partition) {
        return logs.get(partition);
    }

    /** A record is in the log. */
    void onRecord(final int partition, final byte[] record, final LogPosition position) {
        guarded(() -> logs.get(partition).onRecord(record, position));
    }

    /** A process answers a command. */
    void onAnswer(final int partition, final Ask ask, final Outcome outcome, final String who) {
        guarded(() -> check(partition, ask, outcome, who));
    }

    private void check(
            final int partition, final Ask ask, final Outcome outcome, final String who) {
        final CanonicalLog log = logs.get(partition);
        if (outcome.code().number() == LogEvent.KEY_REUSED) {
            world.tally().count("answers: key reused");
            final long since = outcome.timeMs() - log.ledger().windowMs();
            final boolean isJust = log.ledger().recorded(ask.accountId(), ask.key()).stream()
                    .anyMatch(event ->
                            !event.content().equals(ask.content()) && event.timeMs() > since);
            if (!isJust) {
                throw new Broken(
                        "(f) durable answers",
                        who + " says that a key was used, and the"
                                + " log does not: " + ask + ", recorded="
                                + log.ledger().recorded(ask.accountId(), ask.key()));
            }
            return;
        }
        final LogEvent event = log.event(outcome.sequence());
        if (event == null) {
            throw new Broken(
                    "(a) acknowledged is in the log",
                    who + " answers for sequence "
                            + outcome.sequence() + " of partition " + partition
                            + ", the log ends at "
                            + log.events().size() + ": " + ask);
        }
        final boolean isSame = event.accountId().equals(ask.accountId())
                && event.key().equals(ask.key())
                && event.content().equals(ask.content())
                && event.code() == outcome.code().number()
                && event.timeMs() == outcome.timeMs()
                && event.balance() == outcome.balance()
                && event.creditLimit() == outcome.creditLimit()
                && outcome.held() == 0;
        if (!isSame) {
            throw new Broken(
                    "(a) acknowledged is in the log",
                    who + " answers otherwise than the"
                            + " log: " + ask + ", code=" + outcome.code() + ", balance="
                            + outcome.balance() + ", creditLimit=" + outcome.creditLimit()
                            + ", timeMs="
                            + outcome.timeMs() + ", isReplayed=" + outcome.isReplayed() + ", event="
                            + event);
        }
        if (event.number() >= 0 && outcome.currency() == CurrencyCode.NONE) {
            throw new Broken("(a) acknowledged is in the log", "no currency: " + event);
        }
        world.tally().count(outcome.isReplayed() ? "answers: replayed" : "answers: first");
    }

    /** A process has rebuilt a partition. */
    void onRecovered(final FrameChain chain, final AccountModel model, final String who) {
        guarded(() -> checkState(chain, model, who));
    }

    /** The state of an owner that has nothing on its way. */
    void onLiveState(
            final int partition, final long epoch, final AccountModel model, final String who) {
        guarded(() -> {
            final CanonicalLog log = logs.get(partition);
            if (log.fence() != epoch) {
                return;
            }
            if (model.lastSequence() != log.events().size()
                    || !model.stateHash().equals(log.stateHashAfter(log.frames().size()))) {
                throw new Broken(
                        "(b) replay",
                        "live state of " + who + " is not that of the log:"
                                + " partition=" + partition + ", lastSequence="
                                + model.lastSequence()
                                + ", expected=" + log.events().size());
            }
            world.tally().count("live states compared with a replay");
        });
    }

    /** Somebody has folded the log up to a frame, from its beginning or from a snapshot. */
    void checkState(final FrameChain chain, final AccountModel model, final String who) {
        final CanonicalLog log = logs.get(chain.partition());
        final long frame = chain.frameNumber();
        if (frame > log.frames().size()
                || chain.sequence() != log.sequenceAfter(frame)
                || !java.util.Arrays.equals(chain.hash(), log.hashAfter(frame))
                || model.lastSequence() != chain.sequence()
                || !model.stateHash().equals(log.stateHashAfter(frame))) {
            throw new Broken(
                    "(b) replay",
                    "state of " + who + " is not that of the log: partition="
                            + chain.partition() + ", frame=" + frame + ", sequence="
                            + chain.sequence()
                            + ", model=" + model.lastSequence() + ", frames in the log="
                            + log.frames().size());
        }
        world.tally().count("rebuilt states compared with a replay");
    }

    /** The views have moved. */
    void onView(final SimViewStore.PartitionRows rows) {
        guarded(() -> shadows.get(rows.partition()).check(rows));
    }

    /** The views were about to be moved by a batch that is not of the log. */
    void onRefusedBatch(final ViewBatch batch, final String why) {
        world.violate("(h) views", "the views refuse a batch: " + batch.to() + ", " + why);
    }

    /** Runs a check. */
    void guarded(final Runnable check) {
        try {
            check.run();
        } catch (final Broken e) {
            world.violate(e.rule(), String.valueOf(e.getMessage()));
        } catch (final RuntimeException e) {
            world.violate("contradiction", Texts.of(e));
        }
    }

    @Override
    public void close() {
        logs.forEach(CanonicalLog::close);
    }
}
