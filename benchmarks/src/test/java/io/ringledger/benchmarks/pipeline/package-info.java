/** Tests of what checks the whole pipeline. */
@NullMarked
package io.ringledger.benchmarks.pipeline;

import org.jspecify.annotations.NullMarked;
