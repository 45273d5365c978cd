/**
 * One partition: ring buffer, writer thread, frames, appender and recovery. Commands come in by the
 * ring, outcomes go out a frame at a time once the frame is durable.
 */
@NullMarked
package io.ringledger.ledger.partition;

import org.jspecify.annotations.NullMarked;
