/**
 * {@code ./ringledger bench}: experiments, each of which measures one thing beside its neighbours in
 * the same run, and the report of all.
 */
@NullMarked
package io.ringledger.benchmarks;

import org.jspecify.annotations.NullMarked;
