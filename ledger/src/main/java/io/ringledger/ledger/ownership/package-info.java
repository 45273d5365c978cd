/**
 * Who may write to a partition: leases in DynamoDB, how processes share them, and the confirmation that
 * keeps a replaced owner from answering.
 */
@NullMarked
package io.ringledger.ledger.ownership;

import org.jspecify.annotations.NullMarked;
