/** Tests of the harness, and a small campaign. */
@org.jspecify.annotations.NullMarked
package io.ringledger.torture;
