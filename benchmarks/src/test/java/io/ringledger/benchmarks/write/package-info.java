@NullMarked
package io.ringledger.benchmarks.write;

import org.jspecify.annotations.NullMarked;
