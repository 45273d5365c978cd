/**
 * The peer of the whole: a ledger that is a table in Postgres, behind the same HTTP server; what a
 * team would write otherwise, as fast as it can be made.
 */
@NullMarked
package io.ringledger.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
