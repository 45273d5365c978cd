package io.ringledger.consumer;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.snapshots.SnapshotSettings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a consumer process does.
 *
 * @param isProjector brings the log into the views
 * @param isFollower folds it into snapshots
 */
public record ConsumerRoles(boolean isProjector, boolean isFollower) {
    private static final String PROJECTOR = "projector";
    private static final String FOLLOWER = "follower";

    private static final Setting<String> ROLES = Setting.ofOptionalText(
            "RINGLEDGER_CONSUMER_ROLES",
            "what this process does: `projector`, `follower`, or both with a comma; not set:"
                    + " projector, and follower where RINGLEDGER_SNAPSHOT_STORE is set");

    /** Every setting that a consumer process reads, apart from its HTTP server's. */
    public static final List<Setting<?>> SETTINGS = settings();

    private static List<Setting<?>> settings() {
        final List<Setting<?>> all = new ArrayList<>(ConsumerContext.SETTINGS);
        all.add(ROLES);
        all.addAll(FollowerContext.SETTINGS);
        return List.copyOf(all);
    }

    /**
     * Takes them from the settings of a process.
     *
     * @throws IllegalArgumentException if there is no such role, or no store for a follower
     */
    public static ConsumerRoles from(final Settings settings) {
        final boolean hasStore = SnapshotSettings.from(settings).isConfigured();
        final String text = settings.get(ROLES);
        if (text.isEmpty()) {
            return new ConsumerRoles(true, hasStore);
        }
        final List<String> roles = Arrays.asList(text.split(",", -1));
        if (!List.of(PROJECTOR, FOLLOWER).containsAll(roles)) {
            throw new IllegalArgumentException(ROLES.name() + "=" + text
                    + ": must be projector, follower, or projector,follower");
        }
        if (roles.contains(FOLLOWER) && !hasStore) {
            throw new IllegalArgumentException(
                    ROLES.name() + "=" + text + ": a follower needs RINGLEDGER_SNAPSHOT_STORE");
        }
        return new ConsumerRoles(roles.contains(PROJECTOR), roles.contains(FOLLOWER));
    }
}
