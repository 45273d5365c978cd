package io.ringledger.readmodel;

/** What a query found, out of one snapshot of the database. Immutable. */
sealed interface View permits AccountView, EntriesView {
    /** As the client gave it. */
    String accountId();

    /** What the view holds of the account's partition: everything up to here, and nothing after. */
    LogPosition position();
}
