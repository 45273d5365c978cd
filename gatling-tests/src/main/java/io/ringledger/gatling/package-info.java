/**
 * Gatling simulations against a running ledger: arrivals at a rate, whatever the answers take. What was
 * acknowledged is kept, and a run whose balances are not exactly that has no figures.
 */
@NullMarked
package io.ringledger.gatling;

import org.jspecify.annotations.NullMarked;
