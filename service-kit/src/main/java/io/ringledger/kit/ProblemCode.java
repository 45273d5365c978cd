package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Every error that a client can meet, as a stable code with its HTTP status, whether the command
 * took effect, and what a retry needs. Names are part of the API and never change their meaning.
 */
public enum ProblemCode {
    /** Not JSON, or beyond the limits of nesting. */
    MALFORMED_JSON(400, Retry.NEW_KEY, "The body is not JSON"),
    /** A member name occurs twice in one object. */
    DUPLICATE_MEMBER(400, Retry.NEW_KEY, "A member occurs twice"),
    /** A member that this call does not know. */
    UNKNOWN_MEMBER(400, Retry.NEW_KEY, "A member is unknown"),
    /** A member that this call needs is not there. */
    MISSING_MEMBER(400, Retry.NEW_KEY, "A member is missing"),
    /** A member has the wrong type, or is out of range. */
    INVALID_VALUE(400, Retry.NEW_KEY, "A value is not allowed"),
    /** A write without an idempotency key. */
    MISSING_IDEMPOTENCY_KEY(400, Retry.NEW_KEY, "The Idempotency-Key header is missing"),
    /** The idempotency key is too long, empty, given twice, or has other characters. */
    INVALID_IDEMPOTENCY_KEY(400, Retry.NEW_KEY, "The Idempotency-Key header is not valid"),
    /** The account id in the path or body is not one. */
    INVALID_ACCOUNT_ID(400, Retry.NEW_KEY, "The account id is not valid"),
    /** A query parameter is unknown or has a wrong value. */
    INVALID_PARAMETER(400, Retry.NEW_KEY, "A query parameter is not valid"),
    /** The request is not HTTP/1.1 as this server reads it. */
    MALFORMED_REQUEST(400, Retry.NEW_KEY, "The request is not valid HTTP"),
    /** No token, or one that is not valid here and now. */
    UNAUTHENTICATED(401, Retry.SAME_KEY, "A valid token is needed"),
    /** The token is valid, but not for this. */
    MISSING_SCOPE(403, Retry.NEVER, "The token has not the scope for this"),
    /** No such account, or one of another client; for a command about an own one, recorded. */
    ACCOUNT_NOT_FOUND(404, Retry.NEW_KEY, "There is no such account"),
    /** No such path. */
    ROUTE_NOT_FOUND(404, Retry.NEW_KEY, "There is no such path"),
    /** The path exists, but not with this method. */
    METHOD_NOT_ALLOWED(405, Retry.NEW_KEY, "The method is not allowed here"),
    /** The request did not arrive in time. */
    REQUEST_TIMEOUT(408, Retry.SAME_KEY, "The request did not arrive in time"),
    /** The account id is taken; recorded. */
    ACCOUNT_EXISTS(409, Retry.NEW_KEY, "The account exists already"),
    /** The body is larger than this call allows. */
    BODY_TOO_LARGE(413, Retry.NEW_KEY, "The body is too large"),
    /** The request target is longer than the server allows. */
    URI_TOO_LONG(414, Retry.NEW_KEY, "The request target is too long"),
    /** The body is not application/json. */
    UNSUPPORTED_MEDIA_TYPE(415, Retry.NEW_KEY, "The body must be application/json"),
    /** The withdrawal is more than is available; recorded. */
    INSUFFICIENT_FUNDS(422, Retry.NEW_KEY, "The account has insufficient funds"),
    /** The account uses more of its credit than the new limit allows; recorded. */
    CREDIT_LIMIT_IN_USE(422, Retry.NEW_KEY, "The credit limit is in use"),
    /** The balance would leave the range of exact JSON numbers; recorded. */
    BALANCE_OUT_OF_RANGE(422, Retry.NEW_KEY, "The balance would be out of range"),
    /** The account is frozen; recorded. */
    ACCOUNT_FROZEN(422, Retry.NEW_KEY, "The account is frozen"),
    /** The account is closed; recorded. */
    ACCOUNT_CLOSED(422, Retry.NEW_KEY, "The account is closed"),
    /** The key was used on this account for another command. */
    IDEMPOTENCY_KEY_REUSED(422, Retry.NEW_KEY, "The idempotency key was used for another command"),
    /** More requests of this client than it may send. */
    RATE_LIMITED(429, Retry.SAME_KEY, "Too many requests of this client"),
    /** The header fields are larger than the server allows. */
    HEADERS_TOO_LARGE(431, Retry.NEW_KEY, "The headers are too large"),
    /** A fault of ours. */
    INTERNAL_ERROR(500, Outcome.UNKNOWN, Retry.SAME_KEY, "An internal error"),
    /** No room for another command now. */
    OVERLOADED(503, Retry.SAME_KEY, "The service is overloaded"),
    /** Nobody takes commands for this account now. */
    NO_OWNER(503, Retry.SAME_KEY, "The account's partition has no owner now"),
    /** The command was taken, but its outcome did not become durable in time. */
    OUTCOME_UNKNOWN(503, Outcome.UNKNOWN, Retry.SAME_KEY, "The outcome is not known yet"),
    /** Tokens cannot be checked now. */
    AUTH_UNAVAILABLE(503, Retry.SAME_KEY, "Tokens cannot be checked now"),
    /** The view has not reached the position asked for. */
    VIEW_BEHIND(503, Retry.SAME_KEY, "The view is behind"),
    /** The view cannot be read now. */
    VIEW_UNAVAILABLE(503, Retry.SAME_KEY, "The view is not available");

    /** Whether the command behind the request took effect. */
    public enum Outcome {
        /** Nothing changed. */
        NOT_APPLIED,
        /** The command took effect. */
        APPLIED,
        /** The command may or may not take effect. */
        UNKNOWN;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /** The name in the API. */
        public String wireName() {
            return wireName;
        }
    }

    /** What a client does to try again. */
    public enum Retry {
        /** The same request with the same idempotency key. */
        SAME_KEY,
        /** Another request, with a new idempotency key. */
        NEW_KEY,
        /** It makes no sense to try again. */
        NEVER;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /** The name in the API. */
        public String wireName() {
            return wireName;
        }
    }

    private static final Map<String, ProblemCode> BY_WIRE_NAME = new HashMap<>();

    static {
        for (final ProblemCode code : values()) {
            BY_WIRE_NAME.put(code.wireName, code);
        }
    }

    private final int status;
    private final Outcome outcome;
    private final Retry retry;
    private final String title;
    private final String wireName;

    ProblemCode(final int status, final Retry retry, final String title) {
        this(status, Outcome.NOT_APPLIED, retry, title);
    }

    ProblemCode(final int status, final Outcome outcome, final Retry retry, final String title) {
        this.status = status;
        this.outcome = outcome;
        this.retry = retry;
        this.title = title;
        this.wireName = name().toLowerCase(Locale.ROOT);
    }

    /** The code of a name in the API, or null if there is none. */
    public static @Nullable ProblemCode ofWireName(final String wireName) {
        return BY_WIRE_NAME.get(wireName);
    }

    /** The name in the API. */
    public String wireName() {
        return wireName;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Whether the command took effect. */
    public Outcome outcome() {
        return outcome;
    }

    /** What a client does to try again. */
    public Retry retry() {
        return retry;
    }

    /** What it is, in a few words for people. */
    public String title() {
        return title;
    }
}
