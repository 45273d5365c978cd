/** Tests. */
@NullMarked
package io.ringledger.ledger.ownership;

import org.jspecify.annotations.NullMarked;
