/** Tests of the emulators, each against the real thing. */
@NullMarked
package io.ringledger.emulators;

import org.jspecify.annotations.NullMarked;
