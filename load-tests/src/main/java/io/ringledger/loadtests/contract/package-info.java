/**
 * Holds the API's published description, {@code docs/openapi.yaml}, against what a service really
 * answers. For tests: its libraries are not on the class path of the replay.
 */
@NullMarked
package io.ringledger.loadtests.contract;

import org.jspecify.annotations.NullMarked;
