package io.ringledger.readmodel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The bodies of the answers: the members and their order are part of the API. Stateless. */
final class QueryAnswers {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int ACCOUNT_BYTES = 320;
    private static final int ENTRY_BYTES = 160;

    /** RFC 3339, UTC, always three digits of milliseconds. */
    private static final DateTimeFormatter RFC_3339 = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private QueryAnswers() {}

    /** The body that answers the route. */
    static byte[] body(final QueryRoute route, final View view) {
        return switch (view) {
            case AccountView account -> accountBody(route, account);
            case EntriesView page -> entriesBody(page);
        };
    }

    private static byte[] accountBody(final QueryRoute route, final AccountView account) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(ACCOUNT_BYTES);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("accountId", account.accountId());
            json.writeStringField("currency", account.currency());
            switch (route) {
                case ACCOUNT -> {
                    json.writeNumberField("balance", account.balance());
                    json.writeNumberField("held", account.held());
                    json.writeNumberField("creditLimit", account.creditLimit());
                    json.writeNumberField("available", account.available());
                    json.writeStringField("status", account.status());
                }
                case BALANCE -> {
                    json.writeNumberField("balance", account.balance());
                    json.writeNumberField("held", account.held());
                    json.writeNumberField("available", account.available());
                }
                case CREDIT_LIMIT -> {
                    json.writeNumberField("creditLimit", account.creditLimit());
                    json.writeNumberField("used", account.creditUsed());
                    json.writeNumberField("remaining", account.creditRemaining());
                }
                case ENTRIES ->
                    throw new IllegalArgumentException("no account answers the route: " + route);
            }
            json.writeStringField("position", account.position().toString());
            json.writeStringField("recordedAt", time(account.recordedAtMs()));
            json.writeEndObject();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] entriesBody(final EntriesView page) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(
                ACCOUNT_BYTES + ENTRY_BYTES * page.entries().size());
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeArrayFieldStart("entries");
            long oldest = 0;
            for (final EntriesView.Entry entry : page.entries()) {
                json.writeStartObject();
                json.writeStringField(
                        "transactionId",
                        LogPosition.format(page.position().partition(), entry.sequence()));
                json.writeStringField("type", entry.type());
                json.writeNumberField("amount", entry.amount());
                json.writeNumberField("balance", entry.balance());
                json.writeStringField("reference", entry.reference());
                json.writeStringField("recordedAt", time(entry.recordedAtMs()));
                json.writeEndObject();
                oldest = entry.sequence();
            }
            json.writeEndArray();
            if (page.hasMore()) {
                json.writeStringField("nextCursor", EntriesCursor.encode(page.accountId(), oldest));
            } else {
                json.writeNullField("nextCursor");
            }
            json.writeEndObject();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Milliseconds since 1970 as RFC 3339. */
    static String time(final long epochMs) {
        return RFC_3339.format(Instant.ofEpochMilli(epochMs));
    }
}
