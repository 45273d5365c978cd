package io.ringledger.kit.tls;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * Whether an HTTP server speaks TLS, and with which certificate. Immutable.
 *
 * @param certificate the chain, PEM, its own certificate first; null: the process makes one
 * @param key its key, PEM, PKCS#8; null exactly if there is no chain
 * @param refreshMs how often the files are looked at
 */
public record TlsOptions(
        @Nullable Path certificate, @Nullable Path key, long refreshMs) {
    /** Where the certificate comes from. */
    enum Mode {
        /** There is none: plain text. */
        OFF,
        /** The process makes one for itself, which lives as long as it does. */
        SELF_SIGNED,
        /** From two files. */
        FILES
    }

    private static final Setting<Mode> MODE = Setting.ofChoice(
            "RINGLEDGER_TLS",
            Mode.OFF,
            "whether the HTTP server speaks TLS: `files`, with a certificate of yours;"
                    + " `self_signed`, with one that the process makes for itself, for a load"
                    + " balancer that does not ask whose it is; `off`, plain text");

    private static final Setting<String> CERTIFICATE = Setting.ofOptionalText(
            "RINGLEDGER_TLS_CERTIFICATE",
            "PEM file of the certificate and those that vouch for it, its own first; may be"
                    + " replaced while the process runs");

    private static final Setting<String> KEY = Setting.ofOptionalText(
            "RINGLEDGER_TLS_KEY", "PEM file of its key, RSA or EC, `BEGIN PRIVATE KEY` (PKCS#8)");

    private static final Setting<Long> REFRESH_MS = Setting.ofLong(
            "RINGLEDGER_TLS_REFRESH_MS",
            60_000,
            "ms",
            50,
            86_400_000,
            "how often these files are looked at for a new certificate");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(MODE, CERTIFICATE, KEY, REFRESH_MS);

    /**
     * Takes the options from the settings of a process; null: plain text.
     *
     * @throws IllegalArgumentException if files are named and not meant, or meant and not named
     */
    public static @Nullable TlsOptions from(final Settings settings) {
        final String certificate = settings.get(CERTIFICATE);
        final String key = settings.get(KEY);
        final Mode mode = settings.get(MODE);
        final boolean isNamed = !certificate.isEmpty() && !key.isEmpty();
        final boolean isNone = certificate.isEmpty() && key.isEmpty();
        if (mode == Mode.FILES ? !isNamed : !isNone) {
            throw new IllegalArgumentException(CERTIFICATE.name() + " and " + KEY.name()
                    + " must be set with " + MODE.name() + "=files, and with nothing else");
        }
        return switch (mode) {
            case OFF -> null;
            case SELF_SIGNED -> new TlsOptions(null, null, settings.get(REFRESH_MS));
            case FILES ->
                new TlsOptions(Path.of(certificate), Path.of(key), settings.get(REFRESH_MS));
        };
    }
}
