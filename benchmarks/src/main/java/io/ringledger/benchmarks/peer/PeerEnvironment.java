package io.ringledger.benchmarks.peer;

import io.ringledger.emulators.PostgresLocal;

import java.util.Map;

/** What a {@link PeerService} finds in its environment. Stateless. */
public final class PeerEnvironment {
    private PeerEnvironment() {}

    /** On this Postgres; port 0: any free one. */
    public static Map<String, String> of(final PostgresLocal postgres, final int port) {
        return Map.of(
                "RINGLEDGER_HTTP_HOST",
                "127.0.0.1",
                "RINGLEDGER_HTTP_PORT",
                Integer.toString(port),
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://" + postgres.host() + ":" + postgres.port() + "/"
                        + postgres.database(),
                "RINGLEDGER_POSTGRES_USER",
                postgres.user(),
                "RINGLEDGER_POSTGRES_PASSWORD",
                postgres.password());
    }
}
