/** Bytes an event in the log, and what a million transactions cost at list price. */
@NullMarked
package io.ringledger.benchmarks.cost;

import org.jspecify.annotations.NullMarked;
