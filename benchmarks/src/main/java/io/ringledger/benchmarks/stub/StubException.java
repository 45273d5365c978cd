package io.ringledger.benchmarks.stub;

import java.io.Serial;

/** What the stub refuses a request with, in the words of Kinesis. */
final class StubException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String type;

    StubException(final String type, final String message) {
        super(message);
        this.type = type;
    }

    static StubException invalid(final String message) {
        return new StubException("InvalidArgumentException", message);
    }

    String type() {
        return type;
    }
}
