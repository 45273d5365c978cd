/**
 * Frames: how the events of one group commit stand in one record of the stream, and how a reader
 * knows that a record is whole, in order and unchanged.
 */
@NullMarked
package io.ringledger.model.frame;

import org.jspecify.annotations.NullMarked;
