/** Tests of the peer. */
@NullMarked
package io.ringledger.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
