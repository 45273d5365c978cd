package io.ringledger.readmodel;

import io.ringledger.kit.SettingsException;
import io.ringledger.kit.log.Logs;

/** The process of the query side. */
public final class ReadModelMain {
    private static final int EXIT_SETTINGS = 64;

    private ReadModelMain() {}

    /** Starts the service from the environment and runs until a signal. */
    public static void main(final String[] args) throws Exception {
        Logs.begin("read-model");
        try {
            ReadModelService.start(System.getenv()).runUntilSignal();
        } catch (final SettingsException | IllegalArgumentException e) {
            Logs.lastWords(String.valueOf(e.getMessage()));
            System.exit(EXIT_SETTINGS);
        }
    }
}
