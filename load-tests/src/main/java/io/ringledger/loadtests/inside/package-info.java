/**
 * Measures parts of the write side from within, where the rest of this module only sees its HTTP:
 * how long a recovery takes.
 */
@NullMarked
package io.ringledger.loadtests.inside;

import org.jspecify.annotations.NullMarked;
