package io.ringledger.consumer;

/**
 * One record of a shard, as the projector takes it in.
 *
 * @param data the bytes of the record
 * @param sequenceNumber Kinesis' own number, which names the record in logs and checkpoints; never
 *     used to order or to tell duplicates
 */
@SuppressWarnings("ArrayRecordComponent") // a record is handed over, never compared
public record LogRecord(byte[] data, String sequenceNumber) {}
