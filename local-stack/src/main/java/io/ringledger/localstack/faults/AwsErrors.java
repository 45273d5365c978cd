package io.ringledger.localstack.faults;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import java.nio.charset.StandardCharsets;

/** Errors as AWS sends them: in the protocol of the request, JSON or CBOR. Stateless. */
final class AwsErrors {
    static final String THROTTLED = "ProvisionedThroughputExceededException";
    static final String INTERNAL = "InternalFailure";

    private static final int CBOR_MAP_OF_TWO = 0xa2;
    private static final int CBOR_TEXT = 0x60;
    private static final int CBOR_TEXT_WITH_LENGTH_BYTE = 0x78;
    private static final int CBOR_SHORT = 24;

    private AwsErrors() {}

    static void send(
            final HttpServerRequest request,
            final int status,
            final String type,
            final String message) {
        final String contentType = request.getHeader("Content-Type");
        final boolean isCbor = contentType != null && contentType.contains("cbor");
        final HttpServerResponse response = request.response()
                .setStatusCode(status)
                .putHeader("x-amzn-RequestId", "ringledger-fault-proxy")
                .putHeader("x-amzn-ErrorType", type)
                .putHeader("Content-Type", contentType == null ? "application/json" : contentType);
        response.end(isCbor ? cbor(type, message) : json(type, message));
    }

    /** Neither text may need escaping. */
    private static Buffer json(final String type, final String message) {
        return Buffer.buffer("{\"__type\":\"" + type + "\",\"message\":\"" + message + "\"}");
    }

    private static Buffer cbor(final String type, final String message) {
        final Buffer buffer = Buffer.buffer().appendByte((byte) CBOR_MAP_OF_TWO);
        appendText(buffer, "__type");
        appendText(buffer, type);
        appendText(buffer, "message");
        appendText(buffer, message);
        return buffer;
    }

    private static void appendText(final Buffer buffer, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < CBOR_SHORT) {
            buffer.appendByte((byte) (CBOR_TEXT + bytes.length));
        } else if (bytes.length < 256) {
            buffer.appendByte((byte) CBOR_TEXT_WITH_LENGTH_BYTE).appendByte((byte) bytes.length);
        } else {
            throw new IllegalArgumentException("text too long: length=" + bytes.length);
        }
        buffer.appendBytes(bytes);
    }
}
