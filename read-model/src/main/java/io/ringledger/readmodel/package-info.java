/**
 * The query side: the Postgres schema of the views, and HTTP for reading them. Nothing here writes
 * a view; the projector of kinesis-consumer does.
 */
@NullMarked
package io.ringledger.readmodel;

import org.jspecify.annotations.NullMarked;
