package io.ringledger.kit;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * What tells a browser to make nothing of an answer but what it says it is, to keep no copy, to load
 * nothing for it and to show it in no frame. Every answer of every service has them; nothing allows
 * another site's scripts to read one (there is no CORS). Stateless.
 *
 * <p>The answers of commands, which are sent in tens of thousands a second and never shown by a
 * browser (it navigates by GET, and a form can send no JSON), have the first two alone.
 */
final class SecurityHeaders {
    private static final CharSequence TYPE_OPTIONS =
            HttpHeaders.createOptimized("x-content-type-options");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence CONTENT_POLICY =
            HttpHeaders.createOptimized("content-security-policy");
    private static final CharSequence NOTHING =
            HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
    private static final CharSequence REFERRER_POLICY =
            HttpHeaders.createOptimized("referrer-policy");
    private static final CharSequence NO_REFERRER = HttpHeaders.createOptimized("no-referrer");
    private static final CharSequence TRANSPORT_SECURITY =
            HttpHeaders.createOptimized("strict-transport-security");
    private static final CharSequence TWO_YEARS = HttpHeaders.createOptimized("max-age=63072000");

    /** The same as lines, for answers that are written past the codec. */
    static final String LINES = TYPE_OPTIONS + ": " + NO_SNIFF + "\r\n"
            + HttpHeaders.CACHE_CONTROL + ": " + NO_STORE + "\r\n"
            + CONTENT_POLICY + ": " + NOTHING + "\r\n"
            + REFERRER_POLICY + ": " + NO_REFERRER + "\r\n";

    private SecurityHeaders() {}

    /** Puts them into the answer, before anybody else has put anything there. */
    static void put(final HttpServerRequest request) {
        final MultiMap headers = request.response().headers();
        headers.add(TYPE_OPTIONS, NO_SNIFF);
        headers.add(HttpHeaders.CACHE_CONTROL, NO_STORE);
        final HttpMethod method = request.method();
        if (HttpMethod.POST.equals(method) || HttpMethod.PUT.equals(method)) {
            return;
        }
        headers.add(CONTENT_POLICY, NOTHING);
        headers.add(REFERRER_POLICY, NO_REFERRER);
        if (request.isSSL()) {
            headers.add(TRANSPORT_SECURITY, TWO_YEARS);
        }
    }
}
