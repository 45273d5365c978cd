/** What the processes write into their logs, and in which form. */
@NullMarked
package io.ringledger.kit.log;

import org.jspecify.annotations.NullMarked;
