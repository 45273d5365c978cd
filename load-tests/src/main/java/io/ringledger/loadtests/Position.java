package io.ringledger.loadtests;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the log, {@code <partition>-<sequence>}, as the service writes it.
 *
 * @param partition from 0
 * @param sequence from 1; 0 before the first event
 */
record Position(int partition, long sequence) {
    private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,17})");

    /** Reads the member of an answer that holds a position. */
    static Position of(final Answer answer, final String name) throws ReplayException {
        final String text = answer.text(name);
        final Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new ReplayException(
                    answer.request() + ": " + name + " \"" + text + "\" is no position");
        }
        return new Position(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    @Override
    public String toString() {
        return partition + "-" + sequence;
    }
}
