/**
 * The whole state of a partition as a file (design D8): its format, and how it is written and read.
 * Bytes go through {@link io.ringledger.model.snapshot.ByteSink} and {@link
 * io.ringledger.model.snapshot.ByteSource}, since the model knows no files and no network.
 */
@NullMarked
package io.ringledger.model.snapshot;

import org.jspecify.annotations.NullMarked;
