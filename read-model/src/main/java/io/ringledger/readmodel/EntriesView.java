package io.ringledger.readmodel;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A page of an account's entries, newest first, as its view shows them at one position.
 *
 * @param accountId as the client gave it
 * @param entries newest first; unmodifiable
 * @param hasMore whether older entries follow
 * @param position what the view holds of the account's partition
 */
record EntriesView(String accountId, List<Entry> entries, boolean hasMore, LogPosition position)
        implements View {

    /**
     * One posting on the account.
     *
     * @param sequence of the transaction in the account's partition
     * @param type {@code credit} or {@code withdraw}
     * @param amount positive, minor units; the type says which way it went
     * @param balance of the account after it, minor units
     * @param reference the client's text; null if it gave none
     * @param recordedAtMs ledger time, milliseconds since 1970
     */
    record Entry(
            long sequence,
            String type,
            long amount,
            long balance,
            @Nullable String reference,
            long recordedAtMs) {}
}
