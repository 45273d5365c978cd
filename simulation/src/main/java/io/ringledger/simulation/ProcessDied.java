package io.ringledger.simulation;

import java.io.Serial;

/** Unwinds the stack of a simulated process that has ended while it was blocked. */
final class ProcessDied extends Error {
    @Serial
    private static final long serialVersionUID = 1L;

    ProcessDied() {
        super("process died", null, false, false);
    }
}
