package io.ringledger.snapshots;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where snapshots are kept: shared by the ledger, which reads them, and the follower, which writes
 * them. Immutable.
 *
 * @param store {@code file:///folder} or {@code s3://bucket/prefix}, or null where there is none
 * @param s3Endpoint another address of S3 than AWS's, or null
 */
public record SnapshotSettings(
        @Nullable URI store, @Nullable URI s3Endpoint) {
    private static final Setting<String> STORE = Setting.ofOptionalText(
            "RINGLEDGER_SNAPSHOT_STORE",
            "where snapshots are kept, `file:///folder` or `s3://bucket/prefix`, one place a"
                    + " ledger; not set: none, each start reads the log from its beginning");

    private static final Setting<String> S3_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_S3_ENDPOINT", "another address of S3 than AWS's, for snapshots");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(STORE, S3_ENDPOINT);

    /** Refuses an address that no store has. */
    public SnapshotSettings {
        if (store != null) {
            requireStore(store);
        }
    }

    /** No store. */
    public static SnapshotSettings none() {
        return new SnapshotSettings(null, null);
    }

    /** Takes them from the settings of a process. */
    public static SnapshotSettings from(final Settings settings) {
        return new SnapshotSettings(
                uri(STORE, settings.get(STORE)), uri(S3_ENDPOINT, settings.get(S3_ENDPOINT)));
    }

    /** Whether there is a store. */
    public boolean isConfigured() {
        return store != null;
    }

    /**
     * Opens the store.
     *
     * @throws IllegalStateException if none is configured
     * @throws SnapshotStoreException if its folder cannot be made
     */
    public SnapshotStore open() {
        final URI address = store;
        if (address == null) {
            throw new IllegalStateException(STORE.name() + " is not set");
        }
        if (isFile(address)) {
            return new FileSnapshotStore(Path.of(address));
        }
        final String path = address.getPath() == null ? "" : address.getPath();
        final String prefix = path.replaceAll("^/+|/+$", "");
        return new S3SnapshotStore(
                address.getAuthority(), prefix.isEmpty() ? "" : prefix + "/", s3Endpoint);
    }

    private static void requireStore(final URI store) {
        final boolean isFolder =
                isFile(store) && store.getAuthority() == null && store.getPath() != null;
        final boolean isBucket = "s3".equals(store.getScheme()) && store.getAuthority() != null;
        if ((!isFolder && !isBucket) || store.getQuery() != null || store.getFragment() != null) {
            throw new IllegalArgumentException(
                    STORE.name() + "=" + store + ": must be file:///folder or s3://bucket/prefix");
        }
    }

    private static boolean isFile(final URI store) {
        return "file".equals(store.getScheme());
    }

    private static @Nullable URI uri(final Setting<String> setting, final String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return new URI(text);
        } catch (final URISyntaxException e) {
            throw new IllegalArgumentException(
                    setting.name() + "=" + text + ": not a URI: " + e.getReason(), e);
        }
    }
}
