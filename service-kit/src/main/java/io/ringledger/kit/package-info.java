/**
 * What every service process shares: settings from the environment, the HTTP edge with its limits
 * and problem details, strict JSON, rules of text, metrics, health and an orderly start and stop.
 */
@NullMarked
package io.ringledger.kit;

import org.jspecify.annotations.NullMarked;
