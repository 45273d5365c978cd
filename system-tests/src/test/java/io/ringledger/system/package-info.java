/** The whole from the outside, and the arrows between the modules. */
@NullMarked
package io.ringledger.system;

import org.jspecify.annotations.NullMarked;
