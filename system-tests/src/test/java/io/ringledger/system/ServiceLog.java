package io.ringledger.system;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a service has written into its log, as lines of JSON, since a moment. */
final class ServiceLog {
    private final Path file;
    private final int fromByte;

    /** From the end that the file has now; it need not be there yet. */
    ServiceLog(final Path file) throws IOException {
        this.file = file;
        fromByte = Files.exists(file) ? (int) Files.size(file) : 0;
    }

    /** The lines that are whole. */
    List<String> lines() {
        final String text = text();
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    String text() {
        try {
            final byte[] bytes = Files.readAllBytes(file);
            return new String(bytes, fromByte, bytes.length - fromByte, StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines about one request. */
    List<JsonObject> linesOf(final String correlationId) {
        return lines().stream()
                .filter(line -> line.contains(correlationId))
                .map(ServiceLog::parsed)
                .filter(line -> correlationId.equals(line.getString("correlationId")))
                .toList();
    }

    static JsonObject parsed(final String line) {
        try {
            return new JsonObject(line);
        } catch (final DecodeException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }
}
