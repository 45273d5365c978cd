package io.ringledger.ledger.http;

import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.Texts;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The rules of the header fields of a command. Stateless. */
final class RequestHead {
    private static final CharSequence IDEMPOTENCY_KEY =
            HttpHeaders.createOptimized("idempotency-key");

    private static final String JSON = "application/json";

    private RequestHead() {}

    /** What is wrong with the content type, or null: the body must be JSON, not encoded. */
    static @Nullable Problem contentProblem(final HttpServerRequest request) {
        final List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
        if (types.size() != 1 || !isJson(types.getFirst())) {
            return Problem.of(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type must be application/json, in UTF-8");
        }
        final String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Problem.of(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported");
        }
        return null;
    }

    /** The idempotency key as it was sent, or null if there is none or more than one. */
    static @Nullable String key(final HttpServerRequest request) {
        final List<String> keys = request.headers().getAll(IDEMPOTENCY_KEY);
        return keys.size() == 1 ? keys.getFirst() : null;
    }

    /** What is wrong with the key that {@link #key} found, or null. */
    static @Nullable Problem keyProblem(
            final HttpServerRequest request, final @Nullable String key) {
        if (key != null) {
            return Texts.isToken(key)
                    ? null
                    : Problem.of(
                            ProblemCode.INVALID_IDEMPOTENCY_KEY,
                            "Idempotency-Key must have " + Texts.TOKEN_RULE);
        }
        return request.headers().contains(IDEMPOTENCY_KEY)
                ? Problem.of(
                        ProblemCode.INVALID_IDEMPOTENCY_KEY,
                        "Idempotency-Key must be there once, not several times")
                : Problem.of(
                        ProblemCode.MISSING_IDEMPOTENCY_KEY,
                        "every command needs an Idempotency-Key of " + Texts.TOKEN_RULE);
    }

    /** {@code application/json}, with no parameter but a charset of UTF-8. */
    private static boolean isJson(final String type) {
        if (type.equals(JSON)) {
            return true;
        }
        if (!type.regionMatches(true, 0, JSON, 0, JSON.length())) {
            return false;
        }
        final String rest = type.substring(JSON.length()).strip();
        if (rest.isEmpty()) {
            return true;
        }
        if (rest.charAt(0) != ';') {
            return false;
        }
        final String parameter = rest.substring(1).strip();
        return parameter.isEmpty()
                || parameter.equalsIgnoreCase("charset=utf-8")
                || parameter.equalsIgnoreCase("charset=\"utf-8\"");
    }
}
