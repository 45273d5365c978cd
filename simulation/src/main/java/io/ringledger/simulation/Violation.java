package io.ringledger.simulation;

/**
 * A broken promise.
 *
 * @param rule its short name
 * @param what with the values
 */
record Violation(String rule, String what) {
    @Override
    public String toString() {
        return rule + ": " + what;
    }
}
