package io.ringledger.kit.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Access;
import io.ringledger.kit.Health;
import io.ringledger.kit.Settings;
import io.vertx.core.Vertx;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what stands in front of a service, by its settings. Stateless. */
public final class Auth {
    private static final Logger LOG = LoggerFactory.getLogger(Auth.class);

    private Auth() {}

    /**
     * Checks tokens, or lets everybody in, as the settings say. What it starts ends with Vert.x.
     *
     * @param host the address that the service listens on
     * @throws IllegalArgumentException if the settings of {@link AuthOptions} contradict each other,
     *     or everybody would be let in from other machines and nobody has said that this is meant
     */
    public static Access from(
            final Vertx vertx,
            final String host,
            final Settings settings,
            final MeterRegistry registry,
            final Health health) {
        if (!AuthOptions.isOn(settings)) {
            AuthOptions.requireNone(settings);
            if (!AuthOptions.requireLoopback(host, settings)) {
                LOG.warn("asks nobody for a token: who reaches {} may do everything", host);
            }
            return Access.OPEN;
        }
        final TokenAccess access = new TokenAccess(
                vertx, AuthOptions.from(settings), registry, System::currentTimeMillis);
        health.addReadiness("keys of tokens", access::reasonNotReady);
        return access;
    }
}
