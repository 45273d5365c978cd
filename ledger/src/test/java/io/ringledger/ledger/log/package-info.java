/** Tests. */
@NullMarked
package io.ringledger.ledger.log;

import org.jspecify.annotations.NullMarked;
