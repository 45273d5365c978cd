package io.ringledger.torture;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a rehearsal has to tell, in its order. Not thread-safe. */
final class Facts {
    private final Map<String, String> lines = new LinkedHashMap<>();

    void add(final String name, final String value) {
        lines.put(name, value);
    }

    Map<String, String> lines() {
        return lines;
    }
}
