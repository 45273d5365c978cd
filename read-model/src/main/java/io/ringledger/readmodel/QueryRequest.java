package io.ringledger.readmodel;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.Texts;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A query that was checked: everything that can be wrong with it without asking the database.
 *
 * @param route which query
 * @param accountId valid by the rule of the API, which leaves system accounts out
 * @param after the position that the answer must show at least, or null
 * @param limit of entries on a page
 * @param belowSequence where the page of entries begins, exclusive
 */
record QueryRequest(
        QueryRoute route,
        String accountId,
        @Nullable LogPosition after,
        int limit,
        long belowSequence) {
    /** Entries on a page where the client does not say. */
    static final int DEFAULT_LIMIT = 100;

    /** Entries on a page at most. */
    static final int MAX_LIMIT = 1000;

    private static final String ACCOUNTS = "/v1/accounts";
    private static final String PREFIX = ACCOUNTS + "/";
    private static final int MAX_LIMIT_DIGITS = 4;

    private enum Parameter {
        AFTER,
        LIMIT,
        CURSOR;

        private final String label = name().toLowerCase(Locale.ROOT);

        boolean isOf(final QueryRoute route) {
            return this == AFTER || route == QueryRoute.ENTRIES;
        }
    }

    /**
     * Checks a request target.
     *
     * @param method as sent, in upper case
     * @param path the path as sent, not decoded
     * @param query what stands behind the question mark, as sent; null or empty if nothing does
     */
    static QueryRequest parse(final String method, final String path, final @Nullable String query)
            throws ProblemException {
        final QueryRoute route = routeOf(method, path);
        final String accountId = accountIdOf(route, path);
        final Map<Parameter, String> parameters = parametersOf(route, query);
        return new QueryRequest(
                route,
                accountId,
                afterOf(parameters.get(Parameter.AFTER)),
                limitOf(parameters.get(Parameter.LIMIT)),
                belowOf(accountId, parameters.get(Parameter.CURSOR)));
    }

    private static QueryRoute routeOf(final String method, final String path)
            throws ProblemException {
        if (!path.startsWith(PREFIX)) {
            if (path.equals(ACCOUNTS) || path.equals("/v1/batches")) {
                throw commandPath(method, "POST");
            }
            throw problem(ProblemCode.ROUTE_NOT_FOUND, "no such path");
        }
        final int slash = path.indexOf('/', PREFIX.length());
        final String suffix = slash < 0 ? "" : path.substring(slash);
        for (final QueryRoute route : QueryRoute.values()) {
            if (route.suffix().equals(suffix) && path.length() > PREFIX.length()) {
                if (!method.equals("GET")) {
                    throw commandPath(method, route.allow());
                }
                return route;
            }
        }
        if (suffix.equals("/credit") || suffix.equals("/withdraw")) {
            throw commandPath(method, "POST");
        }
        throw problem(ProblemCode.ROUTE_NOT_FOUND, "no such path");
    }

    /** The path takes no such query; a command that it does take came to the wrong service. */
    private static ProblemException commandPath(final String method, final String allow) {
        if (!method.equals("GET") && List.of(allow.split(", ")).contains(method)) {
            return problem(ProblemCode.ROUTE_NOT_FOUND, "this service answers queries only");
        }
        return new ProblemException(Problem.methodNotAllowed(allow));
    }

    private static String accountIdOf(final QueryRoute route, final String path)
            throws ProblemException {
        final String raw =
                path.substring(PREFIX.length(), path.length() - route.suffix().length());
        final String accountId = raw.indexOf('%') < 0 ? raw : decoded(raw);
        if (accountId == null || !Texts.isToken(accountId)) {
            throw problem(ProblemCode.INVALID_ACCOUNT_ID, "an account id is " + Texts.TOKEN_RULE);
        }
        return accountId;
    }

    private static Map<Parameter, String> parametersOf(
            final QueryRoute route, final @Nullable String query) throws ProblemException {
        final Map<Parameter, String> parameters = new EnumMap<>(Parameter.class);
        if (query == null || query.isEmpty()) {
            return parameters;
        }
        int start = 0;
        while (start <= query.length()) {
            final int ampersand = query.indexOf('&', start);
            final int end = ampersand < 0 ? query.length() : ampersand;
            final int equals = query.indexOf('=', start);
            final int nameEnd = equals < 0 || equals > end ? end : equals;
            final Parameter parameter = parameterOf(route, query.substring(start, nameEnd));
            final String value = decoded(query.substring(Math.min(nameEnd + 1, end), end));
            if (value == null) {
                throw invalid(parameter, "is not percent-encoded text");
            }
            if (parameters.put(parameter, value) != null) {
                throw invalid(parameter, "is given more than once");
            }
            start = end + 1;
        }
        return parameters;
    }

    private static Parameter parameterOf(final QueryRoute route, final String name)
            throws ProblemException {
        final StringBuilder known = new StringBuilder();
        for (final Parameter parameter : Parameter.values()) {
            if (parameter.isOf(route)) {
                if (parameter.label.equals(name)) {
                    return parameter;
                }
                known.append(known.isEmpty() ? "" : ", ").append(parameter.label);
            }
        }
        throw problem(
                ProblemCode.INVALID_PARAMETER,
                "unknown query parameter: " + name + "; known here: " + known);
    }

    private static @Nullable LogPosition afterOf(final @Nullable String text)
            throws ProblemException {
        if (text == null) {
            return null;
        }
        final LogPosition after = LogPosition.parse(text);
        if (after == null) {
            throw invalid(Parameter.AFTER, "must be a position, <partition>-<sequence>");
        }
        return after;
    }

    private static int limitOf(final @Nullable String text) throws ProblemException {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        final long limit = LogPosition.parseDecimal(text, 0, text.length(), MAX_LIMIT_DIGITS);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw invalid(Parameter.LIMIT, "must be a whole number from 1 to " + MAX_LIMIT);
        }
        return (int) limit;
    }

    private static long belowOf(final String accountId, final @Nullable String cursor)
            throws ProblemException {
        if (cursor == null) {
            return Long.MAX_VALUE;
        }
        final long sequence = EntriesCursor.decode(accountId, cursor);
        if (sequence == EntriesCursor.INVALID) {
            throw invalid(Parameter.CURSOR, "must be the nextCursor of a page of this account");
        }
        return sequence;
    }

    private static @Nullable String decoded(final String raw) {
        try {
            return QueryStringDecoder.decodeComponent(raw);
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }

    private static ProblemException invalid(final Parameter parameter, final String detail) {
        return problem(ProblemCode.INVALID_PARAMETER, parameter.label + ": " + detail);
    }

    private static ProblemException problem(final ProblemCode code, final String detail) {
        return new ProblemException(Problem.of(code, detail));
    }
}
