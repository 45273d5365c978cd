package io.ringledger.torture;

import io.ringledger.emulators.LocalAws;
import io.ringledger.emulators.PostgresLocal;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The steps of {@code docs/operating/restore-postgres.md}, after somebody has dropped the database of
 * the views while everybody works; and beside it the second set of views that the page tells how to
 * build. At the end both are the same, row by row.
 */
final class ViewsRebuilt implements RehearsalStand.Steps {
    private static final String APPLICATION = "RINGLEDGER_PROJECTOR_APPLICATION";
    private static final String FIRST_NAME = "ringledger-projector";
    private static final String BESIDE = "views2";
    static final String DIFFERENT = "databases that differ from one built beside";

    private final RehearsalStand stand;
    private final Fleet fleet;
    private final Views views;
    private @Nullable Instance second;

    ViewsRebuilt(final RehearsalStand stand) {
        this.stand = stand;
        fleet = stand.fleet();
        views = stand.views();
    }

    @Override
    public void run(final Facts facts) throws Exception {
        final int shards = stand.projectedShards();
        final String database = PostgresLocal.DATABASE;
        final String oldName = fleet.consumerSetting(APPLICATION, FIRST_NAME);
        final List<Instance> projecting = fleet.of(Role.CONSUMER);
        // Nobody has had this name in an earlier round.
        final String newName = FIRST_NAME + "-" + fleet.logs().size();

        final long droppedNs = System.nanoTime();
        views.drop(database);
        stand.say("the database of the views is dropped");
        stand.written().restart();
        final long[] written = stand.written().await();
        stand.say("commands go on without it");

        // 1. Stop every consumer that projects into it.
        for (final Instance consumer : projecting) {
            fleet.stop(consumer);
        }
        // 2. An empty database, and the roles, which a new one does not know.
        views.create(database);
        stand.ground().makeRoles(database);
        // 3. Consumers with a new name of the application. The address is the same.
        fleet.setForConsumers(APPLICATION, newName);
        final long startedNs = System.nanoTime();
        for (int i = 0; i < projecting.size(); i++) {
            fleet.awaitReady(fleet.start(Role.CONSUMER));
        }
        // 4. Until they are where the write side is; then the old name's table goes.
        stand.written().restart();
        awaitAt(database, written);
        final long rebuiltMs = millisSince(startedNs);
        final long backMs = millisSince(droppedNs);
        awaitAt(database, stand.written().await());
        stand.awaitProjectors(shards);
        try (DynamoDbAsyncClient dynamoDb =
                LocalAws.dynamoDb(stand.ground().dynamoDb().endpoint())) {
            dynamoDb.deleteTable(request -> request.tableName(oldName)).join();
        }
        stand.say("views are built anew");
        buildBeside();
        facts.add("rebuilt, from the start of the consumers", rebuiltMs + " ms");
        facts.add("rebuilt, from the drop", backMs + " ms");
    }

    /** A second set of views, from nothing, by a consumer of its own. */
    private void buildBeside() throws Exception {
        views.create(BESIDE);
        stand.ground().makeRoles(BESIDE);
        final Instance consumer = fleet.start(
                Role.CONSUMER,
                Map.of(
                        "RINGLEDGER_POSTGRES_URI",
                        views.uri(BESIDE),
                        APPLICATION,
                        BESIDE + "-" + fleet.logs().size(),
                        "RINGLEDGER_CONSUMER_ROLES",
                        "projector"));
        second = consumer;
        fleet.awaitReady(consumer);
        stand.written().restart();
        awaitAt(BESIDE, stand.written().await());
        stand.say("a second set of views stands beside");
    }

    private static long millisSince(final long startNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    private void awaitAt(final String database, final long[] position) throws InterruptedException {
        Waits.until(database + " has what was written", () -> {
            fleet.requireAlive();
            final long[] now = views.positions(database);
            return IntStream.range(0, now.length).allMatch(p -> now[p] >= position[p]);
        });
    }

    /** Both databases, row by row, once both are where the log ends. */
    @Override
    public void check(final Findings findings) throws Exception {
        awaitAt(BESIDE, views.positions(PostgresLocal.DATABASE));
        findings.checked(DIFFERENT, 1);
        final String anew = views.content(PostgresLocal.DATABASE);
        final String beside = views.content(BESIDE);
        if (!anew.equals(beside)) {
            findings.add(DIFFERENT, anew + " and beside " + beside);
        }
        final Instance consumer = second;
        if (consumer != null) {
            fleet.stop(consumer);
            views.drop(BESIDE);
        }
    }
}
