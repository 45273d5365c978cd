package io.ringledger.kit;

import java.util.List;

/** The environment does not describe a process that can start; the message lists every reason. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SettingsException(final List<String> errors) {
        super(errors.size() + " error" + (errors.size() == 1 ? "" : "s") + " in the settings:\n  "
                + String.join("\n  ", errors));
    }
}
