package io.ringledger.ledger.http;

import io.ringledger.model.Command;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * What the requests of one event loop share: buffers, and the list of those that wait, the oldest
 * first. All of them wait equally long, so one timer at a time, for the head of the list, is enough.
 */
final class EventLoop implements Executor {
    /** A request is told within this time after its deadline. */
    private static final long TIMER_SLACK_MS = 10;

    private final ContextInternal context;
    private final long waitNs;
    private final CommandDecoder decoder = new CommandDecoder();
    private final RequestTarget target = new RequestTarget();
    private final Command command = new Command();
    private final AnswerBuffer answer = new AnswerBuffer();

    private final CommandIngress ingress;
    private final BitSet toWake;

    private @Nullable Exchange first;
    private @Nullable Exchange last;
    private boolean hasTimer;

    private EventLoop(
            final ContextInternal context, final CommandIngress ingress, final long waitNs) {
        this.context = context;
        this.ingress = ingress;
        this.waitNs = waitNs;
        toWake = new BitSet(ingress.partitions());
    }

    /** That of the calling thread, which must be an event loop of Vert.x. */
    static EventLoop ofThisThread(final CommandIngress ingress, final int waitMs) {
        final Context current = Vertx.currentContext();
        if (current == null || !current.isEventLoopContext()) {
            throw new IllegalStateException("not on an event loop: context=" + current);
        }
        // The context of a request is a duplicate; outcomes are grouped by the one behind it.
        return new EventLoop(
                ((ContextInternal) current).unwrap(),
                ingress,
                TimeUnit.MILLISECONDS.toNanos(waitMs));
    }

    /** Runs it on this event loop, after what is waiting there; any thread. */
    @Override
    public void execute(final Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    CommandDecoder decoder() {
        return decoder;
    }

    RequestTarget target() {
        return target;
    }

    /** A command to decode into; its content is only good until the next request. */
    Command command() {
        return command;
    }

    /** A buffer to write an answer into; its content is only good until the next answer. */
    AnswerBuffer answer() {
        return answer.clear();
    }

    /**
     * The partition has been given a command. It is woken once this event loop has read from all the
     * connections that have something: one wake-up for many commands.
     */
    void wakeSoon(final int partition) {
        if (toWake.isEmpty()) {
            context.runOnContext(ignored -> wakeAll());
        }
        toWake.set(partition);
    }

    private void wakeAll() {
        for (int partition = toWake.nextSetBit(0);
                partition >= 0;
                partition = toWake.nextSetBit(partition + 1)) {
            ingress.wakeUp(partition);
        }
        toWake.clear();
    }

    /** From now on, the exchange waits. */
    void await(final Exchange exchange) {
        exchange.sinceNs = System.nanoTime();
        exchange.isWaiting = true;
        exchange.previous = last;
        if (last == null) {
            first = exchange;
        } else {
            last.next = exchange;
        }
        last = exchange;
        if (!hasTimer) {
            setTimer(waitNs);
        }
    }

    /** The exchange waits no longer; true if it did. */
    boolean remove(final Exchange exchange) {
        if (!exchange.isWaiting) {
            return false;
        }
        final Exchange before = exchange.previous;
        final Exchange after = exchange.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        exchange.previous = null;
        exchange.next = null;
        exchange.isWaiting = false;
        return true;
    }

    private void setTimer(final long delayNs) {
        hasTimer = true;
        context.setTimer(TimeUnit.NANOSECONDS.toMillis(delayNs) + TIMER_SLACK_MS, id -> onTimer());
    }

    private void onTimer() {
        hasTimer = false;
        final long nowNs = System.nanoTime();
        for (Exchange head = first; head != null; head = first) {
            final long leftNs = head.sinceNs + waitNs - nowNs;
            if (leftNs > 0) {
                setTimer(leftNs);
                return;
            }
            remove(head);
            head.onDeadline();
        }
    }
}
