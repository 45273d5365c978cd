package io.ringledger.torture;

import io.ringledger.localstack.faults.Fault;
import io.ringledger.localstack.faults.FaultProxies;
import io.ringledger.localstack.faults.FaultProxy;
import io.ringledger.localstack.faults.FaultRule;

import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Scripts the proxies by its seed: a fault for a moment, quiet for a moment, the fault that has
 * happened least at its proxy first. Thread-safe.
 */
final class FaultDriver implements AutoCloseable {
    private static final List<String> KINESIS_ACTIONS =
            List.of("PutRecord", "PutRecord", "PutRecord", "GetRecords", "GetShardIterator", "");
    private static final List<String> DYNAMODB_ACTIONS = List.of("GetItem", "UpdateItem", "");
    private static final int MIN_RULE_MS = 500;
    private static final int MAX_RULE_MS = 2_500;
    private static final int MIN_QUIET_MS = 2_000;
    private static final int MAX_QUIET_MS = 12_000;
    private static final int MAX_DELAY_MS = 5_000;

    private final FaultProxies proxies;
    private final Takeovers takeovers;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("fault-driver").factory());

    // Owned by the timer's thread.
    private final Random random;

    FaultDriver(final FaultProxies proxies, final Takeovers takeovers, final long seed) {
        this.proxies = proxies;
        this.takeovers = takeovers;
        random = new Random(seed);
    }

    void start() {
        later(MIN_QUIET_MS);
    }

    private void later(final long delayMs) {
        final ScheduledFuture<?> _ = timer.schedule(this::addRule, delayMs, TimeUnit.MILLISECONDS);
    }

    private void addRule() {
        final boolean isKinesis = random.nextInt(10) < 7;
        final FaultProxy proxy = isKinesis ? proxies.kinesis() : proxies.dynamoDb();
        final List<String> actions = isKinesis ? KINESIS_ACTIONS : DYNAMODB_ACTIONS;
        final Fault fault = rarest(proxy);
        final String action = actions.get(random.nextInt(actions.size()));
        final long durationMs = between(MIN_RULE_MS, MAX_RULE_MS);
        final boolean isDelay = fault == Fault.DELAY_REQUEST || fault == Fault.DELAY_RESPONSE;
        final FaultRule rule = isDelay
                ? FaultRule.delay(fault, action, between(50, MAX_DELAY_MS))
                : FaultRule.always(fault, action);
        final boolean isCheap = fault == Fault.THROTTLE || fault == Fault.SERVER_ERROR;
        // What was delayed is still on its way when the rule is over.
        takeovers.disturb(durationMs + MAX_DELAY_MS / 2);
        proxy.script()
                .add((isCheap ? rule.withProbability(0.5) : rule.next(1 + random.nextInt(3)))
                        .forMillis(durationMs));
        later(durationMs + between(MIN_QUIET_MS, MAX_QUIET_MS));
    }

    private Fault rarest(final FaultProxy proxy) {
        final var fired = proxy.script().fired();
        final Fault[] faults = Fault.values();
        Fault rarest = faults[random.nextInt(faults.length)];
        // Two draws, so that no fault has to wait for one that its action never meets.
        final Fault other = faults[random.nextInt(faults.length)];
        if (fired.getOrDefault(other, 0L) < fired.getOrDefault(rarest, 0L)) {
            rarest = other;
        }
        return rarest;
    }

    private long between(final int min, final int max) {
        return (long) min + random.nextInt(max - min);
    }

    /** Ends all faults. */
    @Override
    public void close() {
        timer.shutdownNow();
        proxies.kinesis().script().clear();
        proxies.dynamoDb().script().clear();
    }
}
