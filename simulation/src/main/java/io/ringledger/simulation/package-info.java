/**
 * A deterministic simulation: the production classes of the write side, the projector and the
 * follower on one thread, one event queue and one seed, in a world that fails in every way it can.
 */
@NullMarked
package io.ringledger.simulation;

import org.jspecify.annotations.NullMarked;
