package io.ringledger.kit;

import io.vertx.core.http.HttpServerRequest;

/** Answers requests whose sender is known. Thread-safe. */
public interface GrantedHandler {
    /** Answers, on the request's event loop; nothing of the body has been read yet. */
    void handle(HttpServerRequest request, Grant grant);
}
