package io.ringledger.kit;

import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;

/** What encrypts the connections of a server. Thread-safe. */
public interface Encryption {
    /** Sets what a server must have that is about to be made. */
    void applyTo(HttpServerOptions server);

    /** Keeps what may change up to date in a server that listens. */
    void keep(HttpServer server);
}
