package io.ringledger.ledger.http;

import io.ringledger.kit.Texts;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Which path of the API a request names, and which account. Reused from request to request, by one
 * event loop.
 *
 * <p>Paths are taken literally: no dot segments are resolved, no slashes merged. In the account id,
 * percent-encoding is undone, as RFC 3986 makes {@code a%3Ab} and {@code a:b} the same; what comes
 * out must be an account id. Nothing else of a path has characters to encode.
 */
final class RequestTarget {
    private static final String ACCOUNTS = "/v1/accounts";
    private static final String BATCHES = "/v1/batches";

    private Route route = Route.NONE;
    private @Nullable String accountId;
    private boolean hasQuery;

    /** Reads a request target of any shape. */
    void parse(final String requestTarget) {
        route = Route.NONE;
        accountId = null;
        final String uri = originForm(requestTarget);
        final int question = uri.indexOf('?');
        hasQuery = question >= 0;
        final int end = hasQuery ? question : uri.length();
        if (uri.startsWith(ACCOUNTS)) {
            if (end == ACCOUNTS.length()) {
                route = Route.OPEN_ACCOUNT;
            } else if (uri.charAt(ACCOUNTS.length()) == '/') {
                parseAccount(uri, ACCOUNTS.length() + 1, end);
            }
        } else if (end == BATCHES.length() && uri.startsWith(BATCHES)) {
            route = Route.BATCH;
        }
    }

    Route route() {
        return route;
    }

    /** The account id, or null if what stands in its place is none. */
    @Nullable String accountId() {
        return accountId;
    }

    boolean hasQuery() {
        return hasQuery;
    }

    /** Takes {@code http://host} off the form that proxies are sent (RFC 9112, 3.2.2). */
    private static String originForm(final String target) {
        if (target.startsWith("/")) {
            return target;
        }
        final int scheme = target.indexOf("://");
        final int path = scheme < 0 ? -1 : target.indexOf('/', scheme + 3);
        return path < 0 ? "" : target.substring(path);
    }

    private void parseAccount(final String uri, final int start, final int end) {
        final int slash = uri.indexOf('/', start);
        final int idEnd = slash < 0 || slash > end ? end : slash;
        route = idEnd == end ? Route.QUERY : subRoute(uri, idEnd + 1, end);
        if (route == Route.QUERY && idEnd == start) {
            route = Route.NONE;
        }
        if (route == Route.NONE) {
            return;
        }
        if (Texts.isToken(uri, start, idEnd)) {
            accountId = uri.substring(start, idEnd);
        } else {
            final String decoded = decode(uri, start, idEnd);
            accountId = decoded != null && Texts.isToken(decoded) ? decoded : null;
        }
    }

    private static Route subRoute(final String uri, final int start, final int end) {
        if (isSegment(uri, start, end, "credit")) {
            return Route.CREDIT;
        }
        if (isSegment(uri, start, end, "withdraw")) {
            return Route.WITHDRAW;
        }
        if (isSegment(uri, start, end, "creditLimit")) {
            return Route.SET_CREDIT_LIMIT;
        }
        if (isSegment(uri, start, end, "balance") || isSegment(uri, start, end, "entries")) {
            return Route.QUERY;
        }
        return Route.NONE;
    }

    private static boolean isSegment(
            final String uri, final int start, final int end, final String segment) {
        return end - start == segment.length()
                && uri.regionMatches(start, segment, 0, segment.length());
    }

    /** Undoes percent-encoding of ASCII; null if there is anything else. */
    private static @Nullable String decode(final String uri, final int start, final int end) {
        final byte[] bytes = new byte[Math.max(0, end - start)];
        int length = 0;
        for (int i = start; i < end; i++) {
            char c = uri.charAt(i);
            if (c == '%') {
                if (i + 2 >= end
                        || !HexFormat.isHexDigit(uri.charAt(i + 1))
                        || !HexFormat.isHexDigit(uri.charAt(i + 2))) {
                    return null;
                }
                c = (char) HexFormat.fromHexDigits(uri, i + 1, i + 3);
                i += 2;
            }
            if (c >= 0x80) {
                return null;
            }
            bytes[length++] = (byte) c;
        }
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
}
