package io.ringledger.system;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The alert rules in a hurry: every length of time in them is a fifteenth, a quarter of the stream's
 * retention is ten seconds, and what has to last lasts a second. Nothing else is another. Stateless.
 */
final class QuickRules {
    private static final int TIMES = 15;

    /** A day in ten seconds. */
    private static final String QUARTER = "/ 8640";

    /** A length of time in {@code rules.yaml}, wherever one may stand. */
    private static final Pattern TIME =
            Pattern.compile("(?<last>(?<=for: )\\d+m)|(?<range>(?<=\\[)\\d+m(?::\\d+s)?(?=]))"
                    + "|(?<offset>(?<=offset )\\d+m)|(?<minute>(?<=> 10000 \\+ )60(?= \\*))"
                    + "|(?<quarter>(?<=retention_seconds(?:\\)\\))? ?)/ 4)");

    private QuickRules() {}

    static String original() throws IOException {
        return Files.readString(Stacks.root().resolve(Alerts.FOLDER).resolve("rules.yaml"));
    }

    /** The rules with their times shortened. */
    static String text() throws IOException {
        final Matcher time = TIME.matcher(original());
        return time.replaceAll(found -> Matcher.quoteReplacement(shortened(time)));
    }

    /** The rules without their times: the same for the original and for what is made of it. */
    static String timeless(final String rules) {
        return rules.replaceAll("(?<=for: )\\d+[ms]", "…")
                .replaceAll("(?<=\\[)\\d+[ms](?::\\d+s)?(?=])", "…")
                .replaceAll("(?<=offset )\\d+[ms]", "…")
                .replaceAll("(?<=> 10000 \\+ )\\d+(?= \\*)", "…")
                .replaceAll("(?<=retention_seconds)(\\)\\))? / \\d+", "$1 / …");
    }

    private static String shortened(final Matcher time) {
        if (time.group("last") != null) {
            return "1s";
        }
        if (time.group("quarter") != null) {
            return QUARTER;
        }
        if (time.group("minute") != null) {
            return Integer.toString(60 / TIMES);
        }
        final String[] parts = time.group().split(":", -1);
        final int minutes = Integer.parseInt(parts[0].substring(0, parts[0].length() - 1));
        return minutes * 60 / TIMES + "s" + (parts.length > 1 ? ":2s" : "");
    }
}
