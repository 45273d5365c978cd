package io.ringledger.ledger;

import io.ringledger.kit.SettingsException;
import io.ringledger.kit.log.Logs;

/** The process of the write side. */
public final class LedgerMain {
    private static final int EXIT_SETTINGS = 64;
    private static final int EXIT_START = 1;
    private static final int EXIT_FATAL = 70;

    private LedgerMain() {}

    /** Starts the service from the environment and runs until a signal. */
    public static void main(final String[] args) throws InterruptedException {
        Logs.begin("ledger");
        try {
            LedgerProcess.start(System.getenv(), LedgerMain::halt).runUntilSignal();
        } catch (final SettingsException e) {
            Logs.lastWords(String.valueOf(e.getMessage()));
            System.exit(EXIT_SETTINGS);
        } catch (final InterruptedException e) {
            throw e;
        } catch (final Exception e) {
            Logs.lastWords("cannot start: " + e.getMessage());
            System.exit(EXIT_START);
        }
    }

    /** At once and without a clean stop: after a contradiction nothing more may be answered. */
    private static void halt(final Throwable cause) {
        Logs.lastWords("stopped rather than answer: " + cause);
        Runtime.getRuntime().halt(EXIT_FATAL);
    }
}
