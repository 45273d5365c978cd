/**
 * A load generator for HTTP/1.1 that costs little beside what it loads: prepared bytes, plain NIO, one
 * request at a time on each connection; it keeps account of what was acknowledged, and checks it.
 */
@NullMarked
package io.ringledger.benchmarks.driver;

import org.jspecify.annotations.NullMarked;
