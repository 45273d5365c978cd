package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One setting that a process reads from its environment: what it is called, what it bounds, and
 * which values are right. Immutable; declared once as a constant, read through {@link Settings}.
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {
    /** Every setting begins like this; a variable that does and is not declared is refused. */
    static final String PREFIX = "RINGLEDGER_";

    private static final String MASK = "****";

    private final String name;
    private final @Nullable String defaultText;
    private final String unit;
    private final String range;
    private final String description;
    private final boolean secret;
    private final Parser<T> parser;

    /** Turns the text of a setting into its value. */
    private interface Parser<T> {
        T parse(String text) throws InvalidValueException;
    }

    /** The text is no value of this setting; the message says which values are. */
    static final class InvalidValueException extends Exception {
        private static final long serialVersionUID = 1;

        InvalidValueException(final String message) {
            super(message);
        }
    }

    private Setting(
            final String name,
            final @Nullable String defaultText,
            final String unit,
            final String range,
            final String description,
            final boolean secret,
            final Parser<T> parser) {
        if (!name.startsWith(PREFIX)) {
            throw new IllegalArgumentException("setting without prefix " + PREFIX + ": " + name);
        }
        this.name = name;
        this.defaultText = defaultText;
        this.unit = unit;
        this.range = range;
        this.description = description;
        this.secret = secret;
        this.parser = parser;
        if (defaultText != null) {
            try {
                parser.parse(defaultText);
            } catch (final InvalidValueException e) {
                throw new IllegalArgumentException(
                        "invalid default of " + name + ": " + e.getMessage(), e);
            }
        }
    }

    /** A whole number of {@code unit} from {@code min} to {@code max}. */
    public static Setting<Integer> ofInt(
            final String name,
            final int defaultValue,
            final String unit,
            final int min,
            final int max,
            final String description) {
        return new Setting<>(
                name,
                Integer.toString(defaultValue),
                unit,
                min + " to " + max,
                description,
                false,
                text -> (int) parseLong(text, min, max));
    }

    /** A whole number of {@code unit} from {@code min} to {@code max}. */
    public static Setting<Long> ofLong(
            final String name,
            final long defaultValue,
            final String unit,
            final long min,
            final long max,
            final String description) {
        return new Setting<>(
                name,
                Long.toString(defaultValue),
                unit,
                min + " to " + max,
                description,
                false,
                text -> parseLong(text, min, max));
    }

    /** {@code true} or {@code false}. */
    public static Setting<Boolean> ofBoolean(
            final String name, final boolean defaultValue, final String description) {
        return new Setting<>(
                name,
                Boolean.toString(defaultValue),
                "",
                "true, false",
                description,
                false,
                Setting::parseBoolean);
    }

    /** A text of at least one character. Without a default ({@code null}) it must be set. */
    public static Setting<String> ofText(
            final String name, final @Nullable String defaultText, final String description) {
        return new Setting<>(name, defaultText, "", "", description, false, Setting::parseText);
    }

    /** A text that may be empty, which means that it is not set. */
    public static Setting<String> ofOptionalText(final String name, final String description) {
        return new Setting<>(name, "", "", "may be empty", description, false, text -> text);
    }

    /** A text that is never shown. Without a default ({@code null}) it must be set. */
    public static Setting<String> ofSecret(
            final String name, final @Nullable String defaultText, final String description) {
        return new Setting<>(name, defaultText, "", "", description, true, Setting::parseText);
    }

    /** A text that is never shown, and may be empty, which means that it is not set. */
    public static Setting<String> ofOptionalSecret(final String name, final String description) {
        return new Setting<>(name, "", "", "may be empty", description, true, text -> text);
    }

    /** An absolute URI. Without a default ({@code null}) it must be set. */
    public static Setting<URI> ofUri(
            final String name, final @Nullable String defaultText, final String description) {
        return new Setting<>(
                name, defaultText, "", "absolute URI", description, false, Setting::parseUri);
    }

    /** One of the constants of an enum, written in lower case. */
    public static <E extends Enum<E>> Setting<E> ofChoice(
            final String name, final E defaultValue, final String description) {
        final E[] choices = defaultValue.getDeclaringClass().getEnumConstants();
        final String range =
                Arrays.stream(choices).map(Setting::choiceText).collect(Collectors.joining(", "));
        return new Setting<>(
                name, choiceText(defaultValue), "", range, description, false, text -> {
                    for (final E choice : choices) {
                        if (choiceText(choice).equals(text)) {
                            return choice;
                        }
                    }
                    throw new InvalidValueException("must be one of " + range);
                });
    }

    /** The environment variable. */
    public String name() {
        return name;
    }

    T parse(final String text) throws InvalidValueException {
        return parser.parse(text);
    }

    @Nullable String defaultText() {
        return defaultText;
    }

    String unit() {
        return unit;
    }

    String range() {
        return range;
    }

    String description() {
        return description;
    }

    boolean isSecret() {
        return secret;
    }

    /** How a value may be shown to people. */
    String shown(final String text) {
        return secret && !text.isEmpty() ? MASK : text;
    }

    /** True if both say the same of the same variable: several parts of a process may share one. */
    boolean isSameAs(final Setting<?> other) {
        return name.equals(other.name)
                && Objects.equals(defaultText, other.defaultText)
                && unit.equals(other.unit)
                && range.equals(other.range)
                && description.equals(other.description)
                && secret == other.secret;
    }

    private static String choiceText(final Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    private static long parseLong(final String text, final long min, final long max)
            throws InvalidValueException {
        final long value;
        try {
            value = Long.parseLong(text);
        } catch (final NumberFormatException e) {
            throw new InvalidValueException("must be a whole number from " + min + " to " + max);
        }
        if (value < min || value > max || text.startsWith("+")) {
            throw new InvalidValueException("must be a whole number from " + min + " to " + max);
        }
        return value;
    }

    private static boolean parseBoolean(final String text) throws InvalidValueException {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidValueException("must be true or false");
        };
    }

    private static String parseText(final String text) throws InvalidValueException {
        if (text.isBlank() || !text.equals(text.strip())) {
            throw new InvalidValueException("must be a text without blanks around it");
        }
        return text;
    }

    private static URI parseUri(final String text) throws InvalidValueException {
        try {
            final URI uri = new URI(text);
            if (uri.isAbsolute()) {
                return uri;
            }
        } catch (final URISyntaxException e) {
            throw new InvalidValueException("must be an absolute URI: " + e.getReason());
        }
        throw new InvalidValueException("must be an absolute URI");
    }
}
