/**
 * Clients from the outside: they know the HTTP contract and nothing of the services behind it. The
 * replay sends a file of real bank transactions and checks every answer and every view.
 */
@NullMarked
package io.ringledger.loadtests;

import org.jspecify.annotations.NullMarked;
