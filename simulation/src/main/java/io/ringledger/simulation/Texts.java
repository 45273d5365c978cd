package io.ringledger.simulation;

/** Exceptions as one line of text. */
final class Texts {
    private static final int FRAMES = 6;

    private Texts() {}

    /** The exception, its causes, and where it came from. */
    static String of(final Throwable failure) {
        final StringBuilder text = new StringBuilder(200);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(text.isEmpty() ? "" : ", caused by ").append(cause);
            final StackTraceElement[] stack = cause.getStackTrace();
            for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
                text.append(i == 0 ? " at " : " < ")
                        .append(stack[i].getFileName())
                        .append(':')
                        .append(stack[i].getLineNumber());
            }
        }
        return text.toString();
    }
}
