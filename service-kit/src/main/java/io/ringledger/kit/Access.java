package io.ringledger.kit;

import io.vertx.core.http.HttpServerRequest;

/** Finds out who sends a request, and hands it on or refuses it. Thread-safe. */
public interface Access {
    /** Asks nobody: everybody may do everything. */
    Access OPEN = (request, scope, next) -> next.handle(request, Grant.EVERYTHING);

    /**
     * Hands the request on to {@code next} if its sender has the scope, else answers it; on the
     * request's event loop, at once or later, and before anything of the body is read.
     */
    void check(HttpServerRequest request, Scope scope, GrantedHandler next);
}
