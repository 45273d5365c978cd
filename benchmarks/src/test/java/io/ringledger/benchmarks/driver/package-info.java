/** Tests of the driver. */
@NullMarked
package io.ringledger.benchmarks.driver;

import org.jspecify.annotations.NullMarked;
