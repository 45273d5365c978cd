/** Tests. */
@NullMarked
package io.ringledger.ledger.partition;

import org.jspecify.annotations.NullMarked;
