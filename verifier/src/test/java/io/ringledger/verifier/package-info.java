@NullMarked
package io.ringledger.verifier;

import org.jspecify.annotations.NullMarked;
