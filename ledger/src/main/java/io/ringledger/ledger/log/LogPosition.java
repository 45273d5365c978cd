package io.ringledger.ledger.log;

/**
 * The log's own name of a record. Good for reading on from there and for ordering the next append,
 * and for nothing else: it changes when a stream is copied or resharded, so order and identity are
 * matters of frame numbers and epochs.
 *
 * @param shardId the shard that holds the record
 * @param sequenceNumber its name there
 */
public record LogPosition(String shardId, String sequenceNumber) {}
