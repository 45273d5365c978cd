/**
 * The whole of Ringledger, from a request to the views, beside a table in Postgres that does the same
 * work; how soon the views show a write; and how fast they are read.
 */
@NullMarked
package io.ringledger.benchmarks.pipeline;

import org.jspecify.annotations.NullMarked;
