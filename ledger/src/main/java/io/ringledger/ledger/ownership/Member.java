package io.ringledger.ledger.ownership;

/**
 * A process of the write side, as the lease table has it.
 *
 * @param owner its unique id
 * @param address where other processes forward commands to, as {@code host:port}, or
 *     {@code https://host:port#} and the SHA-256 of its certificate
 * @param heartbeat moves while it is alive
 */
public record Member(String owner, String address, long heartbeat) {}
