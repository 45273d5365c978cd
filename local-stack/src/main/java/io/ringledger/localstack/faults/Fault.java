package io.ringledger.localstack.faults;

import java.util.Locale;

/** What can happen to a request on its way to AWS and back. */
public enum Fault {
    /** Answered with {@code ProvisionedThroughputExceededException}; never seen behind the proxy. */
    THROTTLE,
    /** Answered with a 500; never seen behind the proxy. */
    SERVER_ERROR,
    /** Never seen behind the proxy, and never answered. */
    DROP_REQUEST,
    /** Takes effect, and is never answered. */
    DROP_RESPONSE,
    /**
     * Takes effect only after a delay, even if the client has given up by then: it lands late,
     * maybe after what the client sent next.
     */
    DELAY_REQUEST,
    /** Takes effect at once, and is answered after a delay. */
    DELAY_RESPONSE,
    /** The connection is reset; never seen behind the proxy. */
    RESET_REQUEST,
    /** Takes effect, and the connection is reset instead of an answer. */
    RESET_RESPONSE;

    /** As in scripts: {@code drop_response}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The fault of a name.
     *
     * @throws IllegalArgumentException if there is none; the message lists them
     */
    public static Fault of(final String wireName) {
        for (final Fault fault : values()) {
            if (fault.wireName().equals(wireName)) {
                return fault;
            }
        }
        throw new IllegalArgumentException("no such fault: fault=" + wireName + ", known: "
                + java.util.Arrays.stream(values()).map(Fault::wireName).toList());
    }

    boolean isDelay() {
        return this == DELAY_REQUEST || this == DELAY_RESPONSE;
    }
}
