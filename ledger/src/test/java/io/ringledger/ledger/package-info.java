/** Tests. */
@NullMarked
package io.ringledger.ledger;

import org.jspecify.annotations.NullMarked;
