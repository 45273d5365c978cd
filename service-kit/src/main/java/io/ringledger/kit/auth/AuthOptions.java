package io.ringledger.kit.auth;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which tokens are accepted, and what checking them may cost. Immutable.
 *
 * @param jwks where the keys are: a file, https, or http on loopback
 * @param issuer who must have signed a token
 * @param audience who it must be meant for
 * @param tokenType its {@code typ}
 * @param scopePrefix what stands before {@code read}, {@code write} and {@code operate} in its scopes
 * @param accountPrefixClaim the claim that says what the ids of the client's accounts begin with
 * @param clockSkewS how far the issuer's clock may be off
 * @param jwksRefreshMs how often the keys are read again
 * @param jwksMinRefreshMs how soon again at the earliest, when a token names a key that is not known
 * @param jwksTimeoutMs how long reading the keys may take
 * @param jwksMaxBytes size of the key set
 * @param maxCachedTokens tokens whose check is remembered
 * @param maxTokensInCheck tokens that are being checked for the first time, at once
 * @param ratePerClient commands and queries of one client a second, 0: no limit
 * @param rateBurst how many a client may send at once that has been quiet
 * @param rateMaxClients clients whose rates are kept apart
 * @param isLoopbackOperator whether who connects from this machine may operate without a token
 */
public record AuthOptions(
        URI jwks,
        String issuer,
        String audience,
        String tokenType,
        String scopePrefix,
        String accountPrefixClaim,
        int clockSkewS,
        int jwksRefreshMs,
        int jwksMinRefreshMs,
        int jwksTimeoutMs,
        int jwksMaxBytes,
        int maxCachedTokens,
        int maxTokensInCheck,
        int ratePerClient,
        int rateBurst,
        int rateMaxClients,
        boolean isLoopbackOperator) {
    /** Whether clients have to say who they are. */
    public enum Mode {
        /** Everybody may do everything. */
        OFF,
        /** A signed token with every request. */
        JWT
    }

    private static final Pattern LOOPBACK =
            Pattern.compile("127(\\.[0-9]{1,3}){3}|localhost|::1|\\[::1]");

    private static final Setting<Mode> MODE = Setting.ofChoice(
            "RINGLEDGER_AUTH",
            Mode.OFF,
            "whether requests need a token: `jwt`, a signed one; `off`, everybody may do everything,"
                    + " which is refused but on loopback");

    private static final Setting<Boolean> IS_OPEN_ALLOWED = Setting.ofBoolean(
            "RINGLEDGER_ALLOW_NO_TOKENS",
            false,
            "with `off`, listen on other addresses too: for a network in which everybody may do"
                    + " everything, as that of containers on one machine");

    private static final Setting<String> JWKS = Setting.ofOptionalText(
            "RINGLEDGER_AUTH_JWKS",
            "where the keys of tokens are, a JSON Web Key Set: `file:///path` or `https://…`, or"
                    + " `http://…` on loopback");

    private static final Setting<String> ISSUER = Setting.ofOptionalText(
            "RINGLEDGER_AUTH_ISSUER", "`iss` of every token, character for character");

    private static final Setting<String> AUDIENCE =
            Setting.ofOptionalText("RINGLEDGER_AUTH_AUDIENCE", "one of the `aud` of every token");

    private static final Setting<String> TOKEN_TYPE =
            Setting.ofText("RINGLEDGER_AUTH_TOKEN_TYPE", "at+jwt", "`typ` of every token");

    private static final Setting<String> SCOPE_PREFIX = Setting.ofText(
            "RINGLEDGER_AUTH_SCOPE_PREFIX",
            "ringledger:",
            "what stands before `read`, `write` and `operate` in the `scope` of a token");

    private static final Setting<String> ACCOUNT_PREFIX_CLAIM = Setting.ofText(
            "RINGLEDGER_AUTH_ACCOUNT_PREFIX_CLAIM",
            "account_prefix",
            "claim with what the ids of the client's accounts begin with; `*`: every account; not"
                    + " there or empty: none");

    private static final Setting<Integer> CLOCK_SKEW_S = Setting.ofInt(
            "RINGLEDGER_AUTH_CLOCK_SKEW_S",
            30,
            "s",
            0,
            300,
            "how far the issuer's clock may be off, for `exp` and `nbf`");

    private static final Setting<Integer> JWKS_REFRESH_MS = Setting.ofInt(
            "RINGLEDGER_AUTH_JWKS_REFRESH_MS",
            300_000,
            "ms",
            100,
            86_400_000,
            "how often the keys are read again; a key that has gone is refused from then on");

    private static final Setting<Integer> JWKS_MIN_REFRESH_MS = Setting.ofInt(
            "RINGLEDGER_AUTH_JWKS_MIN_REFRESH_MS",
            10_000,
            "ms",
            10,
            3_600_000,
            "a token with an unknown key has them read again, but not sooner than this after the"
                    + " last time");

    private static final Setting<Integer> JWKS_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_AUTH_JWKS_TIMEOUT_MS",
            2_000,
            "ms",
            50,
            5_000,
            "how long reading the keys may take");

    private static final Setting<Integer> JWKS_MAX_BYTES = Setting.ofInt(
            "RINGLEDGER_AUTH_JWKS_MAX_BYTES", 131_072, "bytes", 256, 4_194_304, "the key set");

    private static final Setting<Integer> MAX_CACHED_TOKENS = Setting.ofInt(
            "RINGLEDGER_AUTH_MAX_CACHED_TOKENS",
            10_000,
            "tokens",
            2,
            1_000_000,
            "tokens whose check is remembered; of more, those used longest ago are checked again");

    private static final Setting<Integer> MAX_TOKENS_IN_CHECK = Setting.ofInt(
            "RINGLEDGER_AUTH_MAX_TOKENS_IN_CHECK",
            256,
            "tokens",
            1,
            100_000,
            "different tokens that are checked for the first time at once; more are answered 503");

    private static final Setting<Integer> RATE_PER_CLIENT = Setting.ofInt(
            "RINGLEDGER_RATE_PER_CLIENT",
            0,
            "per second",
            0,
            10_000_000,
            "commands and queries that one client may send to this process; more are answered 429;"
                    + " 0: no limit");

    private static final Setting<Integer> RATE_BURST = Setting.ofInt(
            "RINGLEDGER_RATE_BURST",
            1_000,
            "requests",
            1,
            10_000_000,
            "requests that a client may send at once that has been quiet");

    private static final Setting<Integer> RATE_MAX_CLIENTS = Setting.ofInt(
            "RINGLEDGER_RATE_MAX_CLIENTS",
            10_000,
            "clients",
            1,
            1_000_000,
            "clients whose rates are kept apart; if more are busy, the last ones share one");

    private static final Setting<Boolean> IS_LOOPBACK_OPERATOR = Setting.ofBoolean(
            "RINGLEDGER_AUTH_LOOPBACK_OPERATES",
            false,
            "whether who connects from loopback may read the metrics without a token: a collector"
                    + " beside the process; not with a proxy on the same machine");

    /** The settings that {@link Auth#from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(
            MODE,
            IS_OPEN_ALLOWED,
            JWKS,
            ISSUER,
            AUDIENCE,
            TOKEN_TYPE,
            SCOPE_PREFIX,
            ACCOUNT_PREFIX_CLAIM,
            CLOCK_SKEW_S,
            JWKS_REFRESH_MS,
            JWKS_MIN_REFRESH_MS,
            JWKS_TIMEOUT_MS,
            JWKS_MAX_BYTES,
            MAX_CACHED_TOKENS,
            MAX_TOKENS_IN_CHECK,
            RATE_PER_CLIENT,
            RATE_BURST,
            RATE_MAX_CLIENTS,
            IS_LOOPBACK_OPERATOR);

    /** Refuses what would leave a door open. */
    public AuthOptions {
        if (!isTrusted(jwks)) {
            throw new IllegalArgumentException(JWKS.name() + "=" + jwks
                    + ": must be file:///path, https://…, or http://… on loopback");
        }
    }

    /** True if clients have to say who they are. */
    static boolean isOn(final Settings settings) {
        return settings.get(MODE) == Mode.JWT;
    }

    /**
     * Refuses settings for tokens where tokens are not looked at: whoever set them believes that they
     * are.
     */
    static void requireNone(final Settings settings) {
        final List<String> set = new ArrayList<>();
        for (final Setting<String> setting : List.of(JWKS, ISSUER, AUDIENCE)) {
            if (!settings.get(setting).isEmpty()) {
                set.add(setting.name());
            }
        }
        if (settings.get(RATE_PER_CLIENT) != 0) {
            set.add(RATE_PER_CLIENT.name());
        }
        if (!set.isEmpty()) {
            throw new IllegalArgumentException(
                    String.join(", ", set) + " set, but " + MODE.name() + "=off: set it to jwt");
        }
    }

    /**
     * Refuses to let everybody in from other machines, unless the settings say so in as many words.
     *
     * @return whether the host is one that only this machine reaches
     */
    static boolean requireLoopback(final String host, final Settings settings) {
        final boolean isLoopback = isLoopback(host);
        if (!isLoopback && !settings.get(IS_OPEN_ALLOWED)) {
            throw new IllegalArgumentException("everybody who reaches " + host
                    + " could do everything: set " + MODE.name()
                    + "=jwt, or RINGLEDGER_HTTP_HOST=127.0.0.1, or "
                    + IS_OPEN_ALLOWED.name() + "=true if that is what you want");
        }
        return isLoopback;
    }

    /**
     * Takes the options from the settings of a process.
     *
     * @throws IllegalArgumentException if they say too little, or what cannot be
     */
    static AuthOptions from(final Settings settings) {
        return new AuthOptions(
                URI.create(required(settings, JWKS)),
                required(settings, ISSUER),
                required(settings, AUDIENCE),
                settings.get(TOKEN_TYPE),
                settings.get(SCOPE_PREFIX),
                settings.get(ACCOUNT_PREFIX_CLAIM),
                settings.get(CLOCK_SKEW_S),
                settings.get(JWKS_REFRESH_MS),
                settings.get(JWKS_MIN_REFRESH_MS),
                settings.get(JWKS_TIMEOUT_MS),
                settings.get(JWKS_MAX_BYTES),
                settings.get(MAX_CACHED_TOKENS),
                settings.get(MAX_TOKENS_IN_CHECK),
                settings.get(RATE_PER_CLIENT),
                settings.get(RATE_BURST),
                settings.get(RATE_MAX_CLIENTS),
                settings.get(IS_LOOPBACK_OPERATOR));
    }

    private static String required(final Settings settings, final Setting<String> setting) {
        final String value = settings.get(setting);
        if (value.isBlank()) {
            throw new IllegalArgumentException(
                    setting.name() + " is not set, and " + MODE.name() + "=jwt needs it");
        }
        return value;
    }

    /** Keys that came over a network without TLS could be anybody's. */
    private static boolean isTrusted(final URI uri) {
        final String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "file" -> uri.getPath() != null;
            case "https" -> uri.getHost() != null;
            case "http" -> uri.getHost() != null && isLoopback(uri.getHost());
            default -> false;
        };
    }

    /** By how it is written: a name that has to be looked up may be another machine's tomorrow. */
    private static boolean isLoopback(final String host) {
        return LOOPBACK.matcher(host).matches();
    }
}
