package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Partitions without a ring or a log: every command is decided by the real model at once; its
 * outcome is given at once too, or held until it is released. Thread-safe.
 */
final class FakeIngress implements CommandIngress {
    static final long NOW_MS = 1_763_629_200_123L;

    private final AccountModel[] models;
    private final EventBatch batch = new EventBatch(1 << 16);
    private final List<Runnable> held = new ArrayList<>();
    private final List<String> published = new ArrayList<>();
    private final Map<Integer, String> elsewhere = new HashMap<>();
    private final Map<Integer, List<Runnable>> asleep = new HashMap<>();
    private int wakeUps;
    private boolean holding;
    private int room = Integer.MAX_VALUE;
    private String refusedKey = "";
    private String spoiledKey = "";
    private String brokenKey = "";
    private @Nullable ProblemCode closed;

    FakeIngress(final int partitions) {
        models = new AccountModel[partitions];
        for (int i = 0; i < partitions; i++) {
            models[i] = new AccountModel(ModelContext.small(7));
        }
    }

    @Override
    public String ledger() {
        return "test";
    }

    @Override
    public int partitions() {
        return models.length;
    }

    @Override
    public synchronized @Nullable String ownerAddress(final int partition) {
        return elsewhere.get(partition);
    }

    /** Another process takes the partition's commands, at this address. */
    synchronized void elsewhere(final int partition, final String address) {
        elsewhere.put(partition, address);
    }

    @Override
    public synchronized boolean tryPublish(
            final int partition, final Command command, final CommandReply reply, final int index) {
        if (command.key().equals(brokenKey)) {
            throw new IllegalStateException("nobody foresaw this");
        }
        if (room <= 0 || command.key().equals(refusedKey)) {
            return false;
        }
        room--;
        published.add(command.key());
        batch.clear();
        final Outcome outcome = new Outcome();
        models[partition].submit(command, NOW_MS, batch, outcome);
        // No batch has a place for this one.
        final int place = command.key().equals(spoiledKey) ? -1 : index;
        final Runnable answer =
                () -> reply.eventLoop().execute(() -> reply.onOutcome(place, outcome));
        asleep.computeIfAbsent(partition, any -> new ArrayList<>()).add(answer);
        return true;
    }

    @Override
    public synchronized void wakeUp(final int partition) {
        wakeUps++;
        final List<Runnable> woken = asleep.remove(partition);
        if (woken == null) {
            return;
        }
        if (holding) {
            held.addAll(woken);
        } else {
            woken.forEach(Runnable::run);
        }
    }

    /** How often a partition was woken. */
    synchronized int wakeUps() {
        return wakeUps;
    }

    @Override
    public synchronized @Nullable ProblemCode closedBecause(final int partition) {
        return elsewhere.containsKey(partition) ? ProblemCode.NO_OWNER : closed;
    }

    /** From now on, outcomes wait. */
    synchronized void hold() {
        holding = true;
    }

    /** Gives the outcomes that wait. */
    synchronized void release() {
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
    }

    synchronized int heldCount() {
        return held.size();
    }

    /** Takes so many commands more, and then is full. */
    synchronized void room(final int commands) {
        room = commands;
    }

    /** Is full whenever a command with this key comes. */
    synchronized void refuse(final String key) {
        refusedKey = key;
    }

    /** Gives the command of a batch with this key an outcome that cannot be answered. */
    synchronized void spoil(final String key) {
        spoiledKey = key;
    }

    /** Meets a defect whenever a command with this key comes. */
    synchronized void breakAt(final String key) {
        brokenKey = key;
    }

    synchronized void close(final @Nullable ProblemCode code) {
        closed = code;
    }

    /** The keys of all commands that were published, in order. */
    synchronized List<String> published() {
        return List.copyOf(published);
    }

    /** The state of all partitions. */
    synchronized String stateHash() {
        final StringBuilder hashes = new StringBuilder();
        for (final AccountModel model : models) {
            model.verify();
            hashes.append(model.stateHash());
        }
        return hashes.toString();
    }
}
