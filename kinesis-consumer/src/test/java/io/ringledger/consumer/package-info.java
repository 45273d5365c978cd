/** Tests of the projector, from single frames to KCL against emulators. */
@NullMarked
package io.ringledger.consumer;

import org.jspecify.annotations.NullMarked;
