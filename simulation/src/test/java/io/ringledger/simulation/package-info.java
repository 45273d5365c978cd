/** Small campaigns, and proofs that the simulation notices what it should. */
@NullMarked
package io.ringledger.simulation;

import org.jspecify.annotations.NullMarked;
