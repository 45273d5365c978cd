package io.ringledger.gatling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * An answer to a write. Immutable.
 *
 * @param status of HTTP, or of one result of a batch
 * @param body as text
 * @param isReplayed whether it says that it is the first outcome again
 */
record Answer(int status, String body, boolean isReplayed) {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Text as JSON; a missing node where it is none. */
    static JsonNode json(final String text) {
        try {
            return MAPPER.readTree(text);
        } catch (final JsonProcessingException e) {
            return MAPPER.missingNode();
        }
    }

    /** Whether it is durable: posted, or refused for good. */
    boolean isOutcome() {
        return status == 201 || status == 422;
    }

    /** Enters it as the first answer to this write, or as wrong where the contract does not allow it. */
    void enter(final Write write, final Book book) {
        final JsonNode json = json(body);
        switch (status) {
            case 201 -> {
                if (!json.path("accountId").asText().equals(write.account())
                        || !json.path("type").asText().equals(write.op())
                        || json.path("amount").asLong() != write.amount()
                        || json.path("available").asLong(-1) < 0) {
                    book.wrong("not an answer to " + write + ": " + body);
                }
                position(write, book, json.path("transactionId"), true);
            }
            case 422 -> {
                if (write.isCredit() || !json.path("code").asText().equals("insufficient_funds")) {
                    book.wrong("refused: " + write + ": " + body);
                }
                position(write, book, json.path("position"), false);
            }
            case 503 -> {
                if (json.path("outcome").asText().equals("unknown")) {
                    book.unknown(write);
                }
                // Anything else says not_applied: the balances show whether that was true.
            }
            default -> book.wrong("status " + status + " for " + write + ": " + body);
        }
    }

    private void position(
            final Write write, final Book book, final JsonNode position, final boolean isPosted) {
        if (!position.isTextual()) {
            book.wrong("no position in " + body);
            return;
        }
        final Position at = Position.parse(position.asText());
        if (isPosted) {
            book.posted(write, at);
        } else {
            book.refused(write, at);
        }
    }
}
