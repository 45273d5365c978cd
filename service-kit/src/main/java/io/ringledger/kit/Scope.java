package io.ringledger.kit;

import io.vertx.core.http.HttpMethod;

import java.util.Locale;

/** What a client may do, whatever the account. */
public enum Scope {
    /** Queries. */
    READ,
    /** Commands. */
    WRITE,
    /** Metrics, and which part of a process is not ready. */
    OPERATE;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** What a request of the API needs that has this method. */
    static Scope of(final HttpMethod method) {
        final boolean isRead = HttpMethod.GET.equals(method)
                || HttpMethod.HEAD.equals(method)
                || HttpMethod.OPTIONS.equals(method);
        return isRead ? READ : WRITE;
    }

    /** The name in tokens, behind the prefix that the settings give. */
    public String wireName() {
        return wireName;
    }
}
