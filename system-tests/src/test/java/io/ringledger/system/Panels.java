package io.ringledger.system;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The panels of the dashboard, asked as Grafana asks. Stateless. */
final class Panels {
    private Panels() {}

    /**
     * The queries of all panels that gave no number at any time, each with the title of its panel.
     *
     * @param startS in seconds since 1970 UTC, and so {@code endS}
     */
    static List<String> empty(
            final PrometheusProcess prometheus, final long startS, final long endS)
            throws IOException {
        final List<String> empty = new ArrayList<>();
        for (final JsonNode panel : Alerts.dashboard().path("panels")) {
            for (final JsonNode target : panel.path("targets")) {
                final String expression = target.path("expr")
                        .asText()
                        .replace("$__rate_interval", "4s")
                        .replace("$ledger", ".*");
                final JsonNode found =
                        prometheus.ask("/api/v1/query_range?start=" + startS + "&end=" + endS
                                + "&step=1&query="
                                + URLEncoder.encode(expression, StandardCharsets.UTF_8));
                if (!hasNumber(found)) {
                    empty.add(panel.path("title").asText() + ": " + expression);
                }
            }
        }
        return empty;
    }

    private static boolean hasNumber(final JsonNode found) {
        for (final JsonNode series : found.path("result")) {
            for (final JsonNode value : series.path("values")) {
                if (!value.path(1).asText().equals("NaN")) {
                    return true;
                }
            }
        }
        return false;
    }
}
