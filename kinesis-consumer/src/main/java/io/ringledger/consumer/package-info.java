/**
 * The KCL application that folds the log into the Postgres views: reads frames in order, proves each
 * against the one before, and moves entries, balances and progress together in one statement.
 */
@NullMarked
package io.ringledger.consumer;

import org.jspecify.annotations.NullMarked;
