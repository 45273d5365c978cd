/** Who may write to a stream: the port, and a conditional lock in DynamoDB behind it. */
@NullMarked
package io.ringledger.ledger.ownership;

import org.jspecify.annotations.NullMarked;
