/** How many events a second the projector brings into Postgres, beside a bare insert of their rows. */
@NullMarked
package io.ringledger.benchmarks.projection;

import org.jspecify.annotations.NullMarked;
