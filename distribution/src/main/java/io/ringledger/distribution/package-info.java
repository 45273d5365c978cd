/**
 * Makes {@code dist/}: the three services with their libraries, the bill of materials, and the list
 * of licences. Runs in the build alone; nothing of it is shipped.
 */
@NullMarked
package io.ringledger.distribution;

import org.jspecify.annotations.NullMarked;
