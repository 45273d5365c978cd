/**
 * Campaigns against real processes: kills, pauses and faults at random and at named steps, under
 * the load of a client with a journal on disk; at the end every acknowledged answer is checked
 * against the log and the views.
 */
@NullMarked
package io.ringledger.torture;

import org.jspecify.annotations.NullMarked;
