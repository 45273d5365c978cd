/**
 * The deterministic core of the ledger: accounts, commands, events and decisions. Nothing in here
 * reads a clock, draws a random number, does I/O or depends on hash order.
 */
@NullMarked
package io.ringledger.model;

import org.jspecify.annotations.NullMarked;
