/**
 * A log that costs nearly nothing: what the write side calls of Kinesis, answered after a set delay,
 * so that the write side can be measured without an emulator's cost.
 */
@NullMarked
package io.ringledger.benchmarks.stub;

import org.jspecify.annotations.NullMarked;
