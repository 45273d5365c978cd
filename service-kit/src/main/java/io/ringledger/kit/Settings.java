package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The values of a process's settings, checked once and refused rather than corrected. Immutable and
 * thread-safe.
 */
public final class Settings {
    private final Map<String, Setting<?>> declared;
    private final Map<String, String> texts;
    private final Map<String, Object> values;

    private Settings(
            final Map<String, Setting<?>> declared,
            final Map<String, String> texts,
            final Map<String, Object> values) {
        this.declared = declared;
        this.texts = texts;
        this.values = values;
    }

    /**
     * Reads the declared settings from an environment. Variables that do not begin with {@code
     * RINGLEDGER_} are not looked at; those that do must be declared. A setting may be declared
     * several times if it is the same each time.
     *
     * @throws SettingsException with every error of the environment in one message
     */
    public static Settings read(
            final Map<String, String> environment, final Collection<Setting<?>> declaredSettings) {
        final Map<String, Setting<?>> declared = byName(declaredSettings);
        final Map<String, String> texts = new LinkedHashMap<>();
        final Map<String, Object> values = new LinkedHashMap<>();
        final List<String> errors = new ArrayList<>();
        for (final Setting<?> setting : declared.values()) {
            final String set = environment.get(setting.name());
            final String text = set != null ? set : setting.defaultText();
            if (text == null) {
                errors.add(setting.name() + " is not set and has no default: "
                        + setting.description());
                continue;
            }
            try {
                values.put(setting.name(), setting.parse(text));
                texts.put(setting.name(), text);
            } catch (final Setting.InvalidValueException e) {
                errors.add(setting.name() + "=" + setting.shown(text) + ": " + e.getMessage());
            }
        }
        for (final String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(Setting.PREFIX) && !declared.containsKey(name)) {
                final String nearest = nearest(name, declared.keySet());
                errors.add(name + " is not a setting of this process"
                        + (nearest == null ? "" : ", did you mean " + nearest + "?"));
            }
        }
        if (!errors.isEmpty()) {
            throw new SettingsException(errors);
        }
        return new Settings(declared, texts, values);
    }

    /** The value of a declared setting. */
    public <T> T get(final Setting<T> setting) {
        final Object value = values.get(setting.name());
        if (value == null) {
            throw new IllegalArgumentException("setting was not declared: " + setting.name());
        }
        @SuppressWarnings("unchecked") // read() put what this setting's own parser returned
        final T typed = (T) value;
        return typed;
    }

    /** One line a setting, {@code NAME=value}, secrets masked: what a process prints at its start. */
    public List<String> lines() {
        final List<String> lines = new ArrayList<>(declared.size());
        for (final Setting<?> setting : declared.values()) {
            final String text = texts.getOrDefault(setting.name(), "");
            final String unit = setting.unit().isEmpty() ? "" : " " + setting.unit();
            lines.add(setting.name() + "=" + setting.shown(text) + unit);
        }
        return lines;
    }

    /** The table of the documentation, in the order of declaration. */
    public static String markdownTable(final Collection<Setting<?>> declaredSettings) {
        final StringBuilder table = new StringBuilder();
        table.append("| name | default | unit | allowed | what it is or bounds |\n");
        table.append("| --- | --- | --- | --- | --- |\n");
        for (final Setting<?> setting : byName(declaredSettings).values()) {
            final String text = setting.defaultText();
            final String shown = text == null
                    ? "must be set"
                    : text.isEmpty() ? "not set" : "`" + setting.shown(text) + "`";
            table.append("| `").append(setting.name()).append("` | ").append(shown);
            table.append(" | ").append(setting.unit()).append(" | ").append(setting.range());
            table.append(" | ").append(setting.description()).append(" |\n");
        }
        return table.toString();
    }

    private static Map<String, Setting<?>> byName(final Collection<Setting<?>> settings) {
        final Map<String, Setting<?>> byName = new LinkedHashMap<>();
        for (final Setting<?> setting : settings) {
            final Setting<?> before = byName.putIfAbsent(setting.name(), setting);
            if (before != null && !before.isSameAs(setting)) {
                throw new IllegalArgumentException(
                        "setting declared twice, differently: " + setting.name());
            }
        }
        return byName;
    }

    /** The name that this one may be a slip of, or null: one of another service resembles none. */
    private static @Nullable String nearest(
            final String name, final Collection<String> candidates) {
        String nearest = null;
        int smallest = (name.length() - Setting.PREFIX.length()) / 3 + 1;
        for (final String candidate : candidates) {
            final int distance = distance(name, candidate);
            if (distance < smallest) {
                smallest = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** Levenshtein distance. */
    private static int distance(final String a, final String b) {
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                current[j] = Math.min(
                        previous[j - 1] + change, Math.min(previous[j], current[j - 1]) + 1);
            }
            final int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
