package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.frame.FrameChain;

/**
 * A partition as its log gives it, up to the own marker.
 *
 * @param model the accounts after the last event
 * @param chain where the log ends; its epoch is the own one
 * @param lastPosition where the own marker stands: what the first append is ordered after
 * @param fromSequence the sequence of the snapshot that it began with; 0: read from the beginning
 * @param markerArrivedMs when the own marker came, see {@link LogRecord#arrivedMs}
 * @param dropped records that were dropped: frames that stood there twice, frames of replaced owners
 */
public record RecoveredPartition(
        AccountModel model,
        FrameChain chain,
        LogPosition lastPosition,
        long fromSequence,
        long markerArrivedMs,
        long dropped) {}
