/**
 * The log that a partition is written to and rebuilt from: the port, and Kinesis behind it. The
 * AWS SDK's futures end here.
 */
@NullMarked
package io.ringledger.ledger.log;

import org.jspecify.annotations.NullMarked;
