/** Tests of the log stub. */
@NullMarked
package io.ringledger.benchmarks.stub;

import org.jspecify.annotations.NullMarked;
