/** Checks a log and its views, and says in words where they first differ. */
@NullMarked
package io.ringledger.verifier;

import org.jspecify.annotations.NullMarked;
