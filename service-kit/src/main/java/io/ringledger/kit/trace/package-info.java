/** What ties a request to all that comes of it: the context of W3C Trace Context. */
@NullMarked
package io.ringledger.kit.trace;

import org.jspecify.annotations.NullMarked;
