package io.ringledger.loadtests;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One final answer of the service: its status, whether it was a replay, and the members of its JSON.
 *
 * @param request what was asked, for messages
 * @param status the HTTP status
 * @param isReplayed whether the service says that it gave the first outcome again
 * @param members the JSON object
 */
record Answer(
        String request, int status, boolean isReplayed, Map<String, @Nullable Object> members) {

    private static final int MAX_SHOWN_BYTES = 300;

    static Answer of(final String request, final HttpResponse<byte[]> response)
            throws ReplayException {
        try {
            return new Answer(
                    request,
                    response.statusCode(),
                    response.headers()
                            .firstValue("Idempotency-Replayed")
                            .filter("true"::equals)
                            .isPresent(),
                    Json.object(response.body()));
        } catch (final IOException e) {
            throw new ReplayException(
                    request
                            + ": answered "
                            + response.statusCode()
                            + " with a body that is no JSON object ("
                            + e.getMessage()
                            + "): "
                            + beginning(response.body()),
                    e);
        }
    }

    /** The problem's code, or an empty string. */
    String code() {
        return Objects.requireNonNullElse(members.get("code"), "").toString();
    }

    String text(final String name) throws ReplayException {
        if (members.get(name) instanceof final String text) {
            return text;
        }
        throw unexpected(name, "a string");
    }

    long number(final String name) throws ReplayException {
        if (members.get(name) instanceof final Long number) {
            return number;
        }
        throw unexpected(name, "an integer");
    }

    @Nullable String textOrNull(final String name) throws ReplayException {
        return members.get(name) == null ? null : text(name);
    }

    /** An array of objects, each read by the same rules as this answer. */
    List<Answer> list(final String name) throws ReplayException {
        if (!(members.get(name) instanceof final List<?> elements)) {
            throw unexpected(name, "an array");
        }
        final List<Answer> answers = new ArrayList<>(elements.size());
        for (final Object element : elements) {
            if (!(element instanceof final Map<?, ?> map)) {
                throw unexpected(name, "an array of objects");
            }
            final Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put(String.valueOf(key), value));
            answers.add(new Answer(request, status, false, copy));
        }
        return answers;
    }

    /** An answer that the replay has no use for, with the problem's own words. */
    ReplayException error() {
        return new ReplayException(request
                + ": answered "
                + status
                + " "
                + code()
                + ": "
                + Objects.requireNonNullElseGet(members.get("detail"), members::toString));
    }

    private ReplayException unexpected(final String name, final String expected) {
        return new ReplayException(request + ": answered " + status + " without " + expected + " "
                + name + ": " + members);
    }

    private static String beginning(final byte[] body) {
        return new String(body, 0, Math.min(body.length, MAX_SHOWN_BYTES), StandardCharsets.UTF_8);
    }
}
