package io.ringledger.simulation;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Outcome;
import io.ringledger.model.Partitions;
import io.ringledger.simulation.LogEvent.Content;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Clients over HTTP, to a few accounts and with few keys, so that they collide: they retry what they
 * heard nothing of until they do, and what they did hear of too, at once and much later, with the same
 * content and with another one.
 */
final class SimClients {
    private static final long FASTEST_NS = 300_000;
    private static final long USUAL_NS = 3_000_000;
    private static final long PATIENCE_NS = 4_000_000_000L;
    private static final long AGAIN_NS = 100_000_000L;
    private static final int MAX_DOUBLINGS = 5;
    private static final long MAX = 9_007_199_254_740_991L;
    private static final String[] CURRENCIES = {"EUR", "USD", "JPY"};
    private static final String[] REFERENCES = {"", "rent", "\u20ac 5"};

    /** An outcome as a client keeps it. */
    record Answer(
            int code, long sequence, long timeMs, long balance, long creditLimit, int currency) {
        static Answer of(final Outcome outcome) {
            return new Answer(
                    outcome.code().number(),
                    outcome.sequence(),
                    outcome.timeMs(),
                    outcome.balance(),
                    outcome.creditLimit(),
                    outcome.currency());
        }
    }

    /** Something that a client wants to know the outcome of. */
    private static final class Task {
        private final Ask ask;
        private final int partition;
        private @Nullable Answer first;
        private boolean isLast;
        private boolean isDone;
        private int tries;

        Task(final Ask ask, final int partition) {
            this.ask = ask;
            this.partition = partition;
        }
    }

    private final World world;
    private final Oracle oracle;
    private final int partitions;
    private final Supplier<List<SimLedger>> processes;
    private final SplittableRandom random;
    private final List<String> accountIds = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final int commands;
    private final long windowMs;
    private int asked;
    private int unanswered;
    private boolean isAskingAgain;

    SimClients(
            final World world,
            final Oracle oracle,
            final int partitions,
            final int commands,
            final long windowMs,
            final Supplier<List<SimLedger>> processes) {
        this.world = world;
        this.oracle = oracle;
        this.partitions = partitions;
        this.commands = commands;
        this.windowMs = windowMs;
        this.processes = processes;
        random = world.draws().of("clients");
        final int accounts = 2 + random.nextInt(7);
        for (int i = 0; i < accounts; i++) {
            accountIds.add("a" + i);
        }
    }

    /** Begins to ask, spread over a time. */
    void start(final long durationNs) {
        long atNs = 0;
        for (int i = 0; i < commands; i++) {
            // Some come at one moment with the one before.
            if (random.nextInt(4) > 0) {
                atNs = random.nextLong(durationNs);
            }
            world.at(atNs + random.nextLong(USUAL_NS), null, this::askSomething);
        }
    }

    /** True once every command has an outcome. */
    boolean areAllAnswered() {
        return unanswered == 0;
    }

    /** Asks once more for everything that was answered: each must get its first outcome. */
    void askAllAgain() {
        if (isAskingAgain) {
            return;
        }
        isAskingAgain = true;
        for (final Task done : List.copyOf(tasks)) {
            final Task again = new Task(done.ask, done.partition);
            again.first = done.first;
            again.isLast = true;
            unanswered++;
            send(again);
        }
    }

    private void askSomething() {
        final Task task;
        if (!tasks.isEmpty() && world.fires(Fault.CLIENT_RETRY_OTHER)) {
            task = taskOf(otherContent(tasks.get(random.nextInt(tasks.size())).ask));
        } else {
            task = taskOf(newAsk());
        }
        begin(task);
        if (world.fires(Fault.CLIENT_STORM)) {
            final int copies = 1 + random.nextInt(4);
            for (int i = 0; i < copies; i++) {
                begin(taskOf(task.ask));
            }
        }
    }

    private void begin(final Task task) {
        tasks.add(task);
        unanswered++;
        send(task);
    }

    private Task taskOf(final Ask ask) {
        final byte[] id = ask.accountId().getBytes(StandardCharsets.US_ASCII);
        return new Task(ask, Partitions.partitionOf(id, id.length, partitions));
    }

    private Ask newAsk() {
        // The first accounts are hot.
        final int range = random.nextInt(3) == 0 ? accountIds.size() : 2;
        final String accountId = accountIds.get(random.nextInt(range));
        return new Ask(accountId, newKey(), newContent());
    }

    private String newKey() {
        final int number = asked++;
        return switch (random.nextInt(6)) {
            case 0 -> new UUID(number * 0x9E3779B97F4A7C15L, ~number).toString();
            case 1 -> String.format(Locale.ROOT, "%08x", number);
            // Few enough to be used twice, and on several accounts.
            case 2 -> "k" + random.nextInt(12);
            default -> "key-" + number;
        };
    }

    private Content newContent() {
        final int kind = random.nextInt(20);
        if (kind < 4) {
            final long limit = random.nextInt(3) == 0 ? random.nextLong(300) : 0;
            return new Content(LogEvent.OPEN, limit, currency(), "");
        }
        if (kind < 6) {
            final long limit = random.nextInt(8) == 0 ? MAX : random.nextLong(200);
            return new Content(LogEvent.LIMIT, limit, "", "");
        }
        final long amount = switch (random.nextInt(16)) {
            case 0 -> MAX;
            case 1 -> MAX - random.nextInt(100);
            default -> 1 + random.nextInt(100);
        };
        final String reference = REFERENCES[random.nextInt(REFERENCES.length)];
        return new Content(kind < 13 ? LogEvent.CREDIT : LogEvent.WITHDRAW, amount, "", reference);
    }

    private String currency() {
        return CURRENCIES[random.nextInt(10) == 0 ? random.nextInt(CURRENCIES.length) : 0];
    }

    /** The same key for something else, which differs in one member where that is possible. */
    private Ask otherContent(final Ask before) {
        final Content content = before.content();
        final Content other = switch (random.nextInt(4)) {
            case 0 -> newContent();
            case 1 ->
                content.type() == LogEvent.CREDIT || content.type() == LogEvent.WITHDRAW
                        ? new Content(content.type(), content.amount(), "", "other")
                        : newContent();
            default -> {
                final long amount = content.amount() == MAX ? MAX - 1 : content.amount() + 1;
                yield new Content(content.type(), amount, content.currency(), content.reference());
            }
        };
        return new Ask(before.accountId(), before.key(), other);
    }

    private void send(final Task task) {
        if (task.isDone) {
            return;
        }
        task.tries++;
        final SimLedger target = choose(task.partition);
        final Attempt attempt = new Attempt(task);
        world.in(PATIENCE_NS, null, attempt::giveUp);
        if (target == null) {
            world.in(latencyNs(), null, attempt::again);
            return;
        }
        world.trace("client", "sends", task.partition, task.tries, task.ask);
        world.in(latencyNs(), target.process(), () -> attempt.arrive(target));
    }

    /** Mostly the process that serves, as a client is routed; now and then any. */
    private @Nullable SimLedger choose(final int partition) {
        final List<SimLedger> all = processes.get();
        if (all.isEmpty()) {
            return null;
        }
        if (random.nextInt(6) > 0) {
            final List<SimLedger> serving =
                    all.stream().filter(ledger -> ledger.isServing(partition)).toList();
            if (!serving.isEmpty()) {
                return serving.get(random.nextInt(serving.size()));
            }
        }
        return all.get(random.nextInt(all.size()));
    }

    private long latencyNs() {
        return FASTEST_NS + random.nextLong(USUAL_NS);
    }

    private void onAnswer(final Task task, final Answer answer) {
        final Answer first = task.first;
        if (first != null
                && first.sequence() > 0
                && first.sequence() == answer.sequence()
                && !first.equals(answer)) {
            world.violate(
                    "(e) one outcome a key",
                    "another outcome for a retry: " + task.ask + ", first=" + first + ", now="
                            + answer);
        }
        if (task.isDone) {
            return;
        }
        task.isDone = true;
        unanswered--;
        if (task.isLast) {
            if (first != null && first.sequence() == answer.sequence()) {
                world.tally().count("commands asked again at the end, same outcome");
            }
            return;
        }
        task.first = answer;
        world.tally().count("commands acknowledged");
        if (first == null && world.fires(Fault.CLIENT_RETRY_SAME)) {
            retryLater(task, random.nextLong(20_000_000_000L));
        }
        if (first == null && windowMs < 60_000 && random.nextInt(6) == 0 && !world.isHealed()) {
            world.fired(Fault.CLIENT_RETRY_EXPIRED);
            retryLater(task, windowMs * 1_000_000 + random.nextLong(5_000_000_000L));
        }
    }

    private void retryLater(final Task task, final long delayNs) {
        final Task again = new Task(task.ask, task.partition);
        again.first = task.first;
        tasks.add(again);
        unanswered++;
        world.in(delayNs, null, () -> send(again));
    }

    /** One request of one task. */
    private final class Attempt implements CommandReply {
        private final Task task;
        private @Nullable SimLedger target;
        private boolean hasEnded;

        Attempt(final Task task) {
            this.task = task;
        }

        void arrive(final SimLedger ledger) {
            target = ledger;
            final ProblemCode refusal = ledger.publish(task.partition, List.of(task.ask), this);
            if (refusal != null) {
                world.tally().count("requests refused: " + refusal.wireName());
                world.in(latencyNs(), null, this::again);
            }
        }

        @Override
        public Executor eventLoop() {
            final SimLedger ledger = target;
            if (ledger == null) {
                throw new IllegalStateException("not sent yet");
            }
            return ledger.eventLoop();
        }

        @Override
        public void onOutcome(final int index, final Outcome outcome) {
            final SimLedger ledger = target;
            if (ledger == null || !ledger.process().isAlive()) {
                return;
            }
            final Answer answer = Answer.of(outcome);
            world.trace(
                    ledger.process().name(), "answers", answer.code(), answer.sequence(), task.ask);
            oracle.onAnswer(task.partition, task.ask, outcome, ledger.process().name());
            if (!world.fires(Fault.CLIENT_ANSWER_LOST)) {
                world.in(latencyNs(), null, () -> {
                    hasEnded = true;
                    SimClients.this.onAnswer(task, answer);
                });
            }
        }

        @Override
        public void onFailed(final int index, final ProblemCode code) {
            world.tally().count("requests failed: " + code.wireName());
            world.in(latencyNs(), null, this::again);
        }

        void again() {
            if (!hasEnded) {
                hasEnded = true;
                final long atMostNs = AGAIN_NS << Math.min(MAX_DOUBLINGS, task.tries);
                world.in(random.nextLong(atMostNs), null, () -> send(task));
            }
        }

        /** The client waits no longer; an answer that comes after all counts all the same. */
        void giveUp() {
            if (!hasEnded && !task.isDone) {
                world.tally().count("requests without an answer");
                again();
            }
        }
    }
}
