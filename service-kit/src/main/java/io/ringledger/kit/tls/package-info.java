/**
 * TLS of the services' own HTTP servers: where their certificate comes from, how it is replaced, and
 * how one process recognises another by it.
 */
@NullMarked
package io.ringledger.kit.tls;

import org.jspecify.annotations.NullMarked;
