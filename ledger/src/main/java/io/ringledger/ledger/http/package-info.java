/** HTTP for commands: decodes and validates requests, answers them once their outcome is durable. */
@NullMarked
package io.ringledger.ledger.http;

import org.jspecify.annotations.NullMarked;
