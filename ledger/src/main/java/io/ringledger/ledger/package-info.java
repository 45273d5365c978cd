/** The write side as a process: its settings, and its wiring from HTTP to the log. */
@NullMarked
package io.ringledger.ledger;

import org.jspecify.annotations.NullMarked;
