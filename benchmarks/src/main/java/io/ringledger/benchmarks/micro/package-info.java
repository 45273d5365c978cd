/**
 * What one thread or one partition can do, by JMH: ring, decisions, decoding, frames, replay and
 * snapshots, each beside what the machine can do at most; and the memory that a partition takes.
 */
@NullMarked
package io.ringledger.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
