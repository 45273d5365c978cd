/** Tests of the fault proxy, with the SDK and the emulator that it stands between. */
@org.jspecify.annotations.NullMarked
package io.ringledger.localstack.faults;
