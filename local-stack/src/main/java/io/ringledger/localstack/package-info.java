/**
 * Everything on one machine: the emulators, the three services in this process or in three of
 * their own, and one public port in front of both sides.
 */
@NullMarked
package io.ringledger.localstack;

import org.jspecify.annotations.NullMarked;
