package io.ringledger.kit.log;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/** A path without what a client put into it: routes that are known, and one word for all others. */
final class RouteName {
    private static final String OTHER = "other";
    private static final String ACCOUNTS = "/v1/accounts";
    private static final String ACCOUNT = ACCOUNTS + "/{id}";
    private static final Set<String> AS_THEY_ARE =
            Set.of(ACCOUNTS, "/v1/batches", "/health/live", "/health/ready", "/metrics");
    private static final Set<String> OF_ACCOUNTS =
            Set.of("credit", "withdraw", "creditLimit", "balance", "entries");

    private RouteName() {}

    /** The route of a path, without its query. */
    static String of(final @Nullable String path) {
        if (path == null) {
            return OTHER;
        }
        if (AS_THEY_ARE.contains(path)) {
            return path;
        }
        if (path.startsWith("/problems/")) {
            return "/problems/{code}";
        }
        if (!path.startsWith(ACCOUNTS + "/")) {
            return OTHER;
        }
        final int slash = path.indexOf('/', ACCOUNTS.length() + 1);
        if (slash < 0) {
            return ACCOUNT;
        }
        final String last = path.substring(slash + 1);
        return OF_ACCOUNTS.contains(last) ? ACCOUNT + '/' + last : OTHER;
    }
}
