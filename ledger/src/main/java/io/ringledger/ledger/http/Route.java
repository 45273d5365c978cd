package io.ringledger.ledger.http;

/** The paths of the API, as far as the command side cares. */
public enum Route {
    /** {@code POST /v1/accounts}. */
    OPEN_ACCOUNT("POST", "OPTIONS, POST"),
    /** {@code POST /v1/accounts/{id}/credit}. */
    CREDIT("POST", "OPTIONS, POST"),
    /** {@code POST /v1/accounts/{id}/withdraw}. */
    WITHDRAW("POST", "OPTIONS, POST"),
    /** {@code PUT /v1/accounts/{id}/creditLimit}; the query side answers GET. */
    SET_CREDIT_LIMIT("PUT", "GET, HEAD, OPTIONS, PUT"),
    /** {@code POST /v1/batches}. */
    BATCH("POST", "OPTIONS, POST"),
    /** A path that only the query side answers. */
    QUERY("GET", "GET, HEAD, OPTIONS"),
    /** No path of the API. */
    NONE("", "");

    private final String method;
    private final String allow;

    Route(final String method, final String allow) {
        this.method = method;
        this.allow = allow;
    }

    /** The method that the command side answers. */
    String method() {
        return method;
    }

    /** Every method of the path, on either side, for the header Allow. */
    String allow() {
        return allow;
    }

    /** True if the query side answers GET and HEAD on this path. */
    boolean isReadable() {
        return this == QUERY || this == SET_CREDIT_LIMIT;
    }
}
