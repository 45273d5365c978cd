/**
 * Real processes under the load of a client with a journal on disk, and at the end the check of every
 * acknowledged answer against the log and the views. Campaigns kill, pause and break at random and at
 * named steps; rehearsals do what the pages for operators say.
 */
@NullMarked
package io.ringledger.torture;

import org.jspecify.annotations.NullMarked;
