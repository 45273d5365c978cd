package io.ringledger.readmodel;

/** The queries of the API, and the paths beside them that take commands only. */
enum QueryRoute {
    /** {@code GET /v1/accounts/{id}}. */
    ACCOUNT("account", "", "GET"),
    /** {@code GET /v1/accounts/{id}/balance}. */
    BALANCE("balance", "/balance", "GET"),
    /** {@code GET /v1/accounts/{id}/creditLimit}; PUT is a command. */
    CREDIT_LIMIT("creditLimit", "/creditLimit", "GET, PUT"),
    /** {@code GET /v1/accounts/{id}/entries}. */
    ENTRIES("entries", "/entries", "GET");

    private final String label;
    private final String suffix;
    private final String allow;

    QueryRoute(final String label, final String suffix, final String allow) {
        this.label = label;
        this.suffix = suffix;
        this.allow = allow;
    }

    /** The name in metrics. */
    String label() {
        return label;
    }

    /** What follows the account id in the path. */
    String suffix() {
        return suffix;
    }

    /** The methods of the path in the whole API, for 405. */
    String allow() {
        return allow;
    }
}
