package io.ringledger.ledger.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import io.ringledger.ledger.http.CommandForwarder.Answer;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.event.CommandType;
import io.vertx.core.buffer.Buffer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The commands of a batch that one other process owns: a batch of its own, whose results go back to
 * their places. Used by one event loop.
 */
final class ForwardedBatch {
    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] BEGIN = AnswerBuffer.ascii("{\"commands\":[");
    private static final byte[] END = AnswerBuffer.ascii("]}");
    private static final byte[] OP = AnswerBuffer.ascii("{\"op\":\"");
    private static final byte[] ACCOUNT_ID = AnswerBuffer.ascii("\",\"accountId\":\"");
    private static final byte[] KEY = AnswerBuffer.ascii("\",\"idempotencyKey\":\"");
    private static final byte[] AMOUNT = AnswerBuffer.ascii("\",\"amount\":");
    private static final byte[] REFERENCE = AnswerBuffer.ascii(",\"reference\":");
    private static final byte[] CURRENCY = AnswerBuffer.ascii("\",\"currency\":\"");
    private static final byte[] LIMIT = AnswerBuffer.ascii("\",\"creditLimit\":");
    private static final byte[] END_OF_TEXT = AnswerBuffer.ascii("\"");
    private static final byte[] END_OF_COMMAND = AnswerBuffer.ascii("}");
    private static final byte[] COMMA = AnswerBuffer.ascii(",");
    private static final int COMMAND_BYTES = 160;

    private final String address;
    private final List<Integer> indexes = new ArrayList<>();

    /** An empty one for the owner at this address. */
    ForwardedBatch(final String address) {
        this.address = address;
    }

    String address() {
        return address;
    }

    /** The places of its commands in the whole batch. */
    List<Integer> indexes() {
        return indexes;
    }

    void add(final int index) {
        indexes.add(index);
    }

    /** The body of the request; never longer than the commands were in the client's. */
    Buffer body(final List<Command> commands, final AnswerBuffer out) {
        final Buffer body = Buffer.buffer(indexes.size() * COMMAND_BYTES);
        body.appendBytes(BEGIN);
        boolean isFirst = true;
        for (final int index : indexes) {
            out.clear();
            if (!isFirst) {
                out.raw(COMMA);
            }
            isFirst = false;
            write(commands.get(index), out);
            out.appendTo(body);
        }
        return body.appendBytes(END);
    }

    private static void write(final Command command, final AnswerBuffer out) {
        out.raw(OP)
                .plain(opOf(command.type()))
                .raw(ACCOUNT_ID)
                .plain(command.accountId())
                .raw(KEY)
                .plain(command.key());
        switch (command.type()) {
            case CREDIT, WITHDRAW -> {
                out.raw(AMOUNT).number(command.amountMinor());
                if (!command.reference().isEmpty()) {
                    out.raw(REFERENCE).string(command.reference());
                }
            }
            case OPEN_ACCOUNT -> {
                out.raw(CURRENCY).plain(CurrencyCode.unpack(command.currency()));
                if (command.amountMinor() == 0) {
                    out.raw(END_OF_TEXT);
                } else {
                    out.raw(LIMIT).number(command.amountMinor());
                }
            }
            case SET_CREDIT_LIMIT -> out.raw(LIMIT).number(command.amountMinor());
            case NULL_VAL -> throw new IllegalStateException("no command");
        }
        out.raw(END_OF_COMMAND);
    }

    private static String opOf(final CommandType type) {
        return switch (type) {
            case CREDIT -> "credit";
            case WITHDRAW -> "withdraw";
            case OPEN_ACCOUNT -> "openAccount";
            case SET_CREDIT_LIMIT -> "setCreditLimit";
            case NULL_VAL -> throw new IllegalStateException("no command");
        };
    }

    /**
     * The results in the order of {@link #indexes}, each as the owner wrote it.
     *
     * @throws IOException if the answer is not what a batch is answered with
     */
    List<byte[]> results(final Answer answer) throws IOException {
        final byte[] body = answer.body().getBytes();
        final List<byte[]> results = new ArrayList<>(indexes.size());
        try (JsonParser parser = JSON.createParser(body)) {
            require(parser, JsonToken.START_OBJECT);
            require(parser, JsonToken.FIELD_NAME);
            require(parser, JsonToken.START_ARRAY);
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                final int start = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                final int end = (int) parser.currentLocation().getByteOffset();
                results.add(Arrays.copyOfRange(body, start, end));
            }
        }
        if (results.size() != indexes.size()) {
            throw new IOException("another number of results: results=" + results.size()
                    + ", commands=" + indexes.size());
        }
        return results;
    }

    private static void require(final JsonParser parser, final JsonToken expected)
            throws IOException {
        final JsonToken token = parser.nextToken();
        if (token != expected) {
            throw new IOException("not the answer to a batch: " + token + ", not " + expected);
        }
    }
}
