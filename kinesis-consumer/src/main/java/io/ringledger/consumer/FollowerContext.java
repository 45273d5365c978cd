package io.ringledger.consumer;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotSettings;

import java.util.ArrayList;
import java.util.List;

/**
 * What the follower is configured with; it shares the projector's ways to reach AWS.
 *
 * @param kcl of the projector, with the follower's application name
 * @param snapshots where they are kept
 * @param idempotencyWindowMs of the ledger
 * @param kept snapshots of a partition that stay
 * @param pace when one is due
 */
public record FollowerContext(
        ConsumerContext kcl,
        SnapshotSettings snapshots,
        long idempotencyWindowMs,
        int kept,
        SnapshotFollower.Pace pace) {
    private static final Setting<String> APPLICATION = Setting.ofText(
            "RINGLEDGER_FOLLOWER_APPLICATION",
            "ringledger-follower",
            "name of the follower's KCL application and of its DynamoDB table");

    // The same as the ledger's.
    private static final Setting<Long> IDEMPOTENCY_WINDOW_MS = Setting.ofLong(
            "RINGLEDGER_IDEMPOTENCY_WINDOW_MS",
            ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
            "ms",
            1_000,
            365L * 24 * 60 * 60 * 1000,
            "how long a key keeps its outcome; fixed when the ledger is created");

    private static final Setting<Long> EVENTS = Setting.ofLong(
            "RINGLEDGER_SNAPSHOT_EVENTS",
            1_000_000,
            "events",
            1,
            10_000_000_000L,
            "events of a partition after which a snapshot of it is written");

    private static final Setting<Integer> INTERVAL_MS = Setting.ofInt(
            "RINGLEDGER_SNAPSHOT_INTERVAL_MS",
            300_000,
            "ms",
            50,
            86_400_000,
            "after which a snapshot is written if the partition has changed at all");

    private static final Setting<Integer> RETRY_MS = Setting.ofInt(
            "RINGLEDGER_SNAPSHOT_RETRY_MS",
            5_000,
            "ms",
            50,
            3_600_000,
            "after which a snapshot that could not be stored is tried again");

    private static final Setting<Integer> KEPT = Setting.ofInt(
            "RINGLEDGER_SNAPSHOTS_KEPT",
            3,
            "snapshots",
            2,
            1_000,
            "newest snapshots of a partition that stay; older ones are deleted");

    /** The settings that {@link #from} reads, apart from the projector's. */
    public static final List<Setting<?>> SETTINGS = settings();

    private static List<Setting<?>> settings() {
        final List<Setting<?>> all = new ArrayList<>(SnapshotSettings.SETTINGS);
        all.addAll(
                List.of(APPLICATION, IDEMPOTENCY_WINDOW_MS, EVENTS, INTERVAL_MS, RETRY_MS, KEPT));
        return List.copyOf(all);
    }

    /** Takes the configuration from the settings of a process. */
    public static FollowerContext from(final Settings settings) {
        return new FollowerContext(
                ConsumerContext.from(settings).withApplication(settings.get(APPLICATION)),
                SnapshotSettings.from(settings),
                settings.get(IDEMPOTENCY_WINDOW_MS),
                settings.get(KEPT),
                new SnapshotFollower.Pace(
                        settings.get(EVENTS), settings.get(INTERVAL_MS), settings.get(RETRY_MS)));
    }
}
