/**
 * A proxy between the AWS SDK and an emulator that causes what AWS causes: throttling, errors,
 * silence, late writes, broken connections.
 */
@NullMarked
package io.ringledger.localstack.faults;

import org.jspecify.annotations.NullMarked;
