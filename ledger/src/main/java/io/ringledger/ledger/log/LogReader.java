package io.ringledger.ledger.log;

import java.util.concurrent.CompletionStage;

/**
 * Reads the records of one partition in order, through reshards, parents first. One call at a time.
 */
public interface LogReader {
    /**
     * The next records. After a failure the same call may be made again and goes on where the last
     * page ended; {@link LogException} alone is a failure that no retry heals.
     */
    CompletionStage<LogPage> next();
}
