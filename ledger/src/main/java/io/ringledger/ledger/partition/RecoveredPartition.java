package io.ringledger.ledger.partition;

import io.ringledger.model.AccountModel;
import io.ringledger.model.frame.FrameChain;

import org.jspecify.annotations.Nullable;

/**
 * A partition as its log gives it.
 *
 * @param model the accounts after the last event
 * @param chain where the log ends
 * @param lastLogSequence the log's own name of the last record, or null if there is none
 * @param duplicates frames that stood in the log more than once
 */
record RecoveredPartition(
        AccountModel model, FrameChain chain, @Nullable String lastLogSequence, long duplicates) {}
