package io.ringledger.kit.log;

import ch.qos.logback.classic.LoggerContext;

import io.ringledger.kit.Setting;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The log of a process: lines of text for a terminal, or of JSON for a machine. Logback reads the
 * format from the environment by itself, before any class of ours, for the first line must have it
 * too; here it is declared, so that a wrong one is refused. Thread-safe.
 */
public final class Logs {
    private static final Logger LOG = LoggerFactory.getLogger(Logs.class);

    /** The field that names the process in each line of JSON. */
    private static final String SERVICE = "service";

    /** What a line looks like. */
    public enum Format {
        /** For people, in a terminal. */
        TEXT,
        /** One JSON object a line. */
        JSON
    }

    private static final Setting<Format> FORMAT = Setting.ofChoice(
            "RINGLEDGER_LOG_FORMAT",
            Format.TEXT,
            "what a line of the log is: text for a terminal, or a JSON object to be searched");

    /** The settings of the log, those of {@link RequestLog} included. */
    public static final List<Setting<?>> SETTINGS = settings();

    private static List<Setting<?>> settings() {
        final List<Setting<?>> all = new ArrayList<>(List.of(FORMAT));
        all.addAll(RequestLog.SETTINGS);
        return List.copyOf(all);
    }

    private Logs() {}

    /** Names the process in each line from now on; the first thing that it does. */
    public static void begin(final String service) {
        if (LoggerFactory.getILoggerFactory() instanceof final LoggerContext context) {
            context.putProperty(SERVICE, service);
        }
    }

    /** Says why the process ends: for people on standard error, else as a line of the log. */
    public static void lastWords(final String words) {
        if (isJson()) {
            LOG.error("{}", words);
        } else {
            System.err.println(words);
        }
    }

    private static boolean isJson() {
        return Format.JSON
                .name()
                .toLowerCase(Locale.ROOT)
                .equals(System.getenv("RINGLEDGER_LOG_FORMAT"));
    }
}
