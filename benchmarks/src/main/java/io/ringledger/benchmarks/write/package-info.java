/**
 * The write side over HTTP: a ledger process with its true leases in front of a log stub, beside a
 * bare echo; overloaded; and growing.
 */
@NullMarked
package io.ringledger.benchmarks.write;

import org.jspecify.annotations.NullMarked;
