/** The peer that says how fast HTTP can be here: a bare Vert.x server that echoes JSON. */
@NullMarked
package io.ringledger.benchmarks.echo;

import org.jspecify.annotations.NullMarked;
