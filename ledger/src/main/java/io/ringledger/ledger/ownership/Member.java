package io.ringledger.ledger.ownership;

/**
 * A process of the write side, as the lease table has it.
 *
 * @param owner its unique id
 * @param address where other processes forward commands to, as {@code host:port}
 * @param heartbeat moves while it is alive
 */
public record Member(String owner, String address, long heartbeat) {}
