package io.ringledger.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The client's memory, a file of lines that is only ever added to: what is to be asked is written
 * before it is sent, what was answered when it comes. It is with the operating system when a call
 * returns, so it survives the end of this process, however it ends. Thread-safe.
 *
 * <pre>
 * {@literal >} number account op amount            asked; op is O, C, W or L
 * {@literal <} number status partition sequence balance limit replayed code   decided
 * - number code                            not applied, says the answer
 * ? number code                            nobody knows, or no answer
 * ~ number                                 the same key was sent with another content
 * ! number status code                     what that was answered
 * # number status code                     an answer that must not be
 * </pre>
 */
final class Journal implements AutoCloseable {
    static final char ASKED = '>';
    static final char DECIDED = '<';
    static final char NOT_APPLIED = '-';
    static final char UNKNOWN = '?';
    static final char FORGED = '~';
    static final char FORGED_ANSWER = '!';
    static final char UNEXPECTED = '#';

    private final FileChannel file;

    Journal(final Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
    }

    /** Before the commands are sent for the first time. */
    void asked(final List<Ask> asks) {
        final StringBuilder lines = new StringBuilder(asks.size() * 24);
        for (final Ask ask : asks) {
            lines.append(ASKED).append(' ').append(ask.number());
            lines.append(' ').append(ask.account()).append(' ').append(ask.op().letter());
            lines.append(' ').append(ask.amount()).append('\n');
        }
        write(lines);
    }

    /** What one attempt brought, command by command. */
    void answered(final List<Ask> asks, final List<Answer> answers) {
        final StringBuilder lines = new StringBuilder(asks.size() * 40);
        for (int i = 0; i < asks.size(); i++) {
            append(lines, asks.get(i), answers.get(i));
        }
        write(lines);
    }

    /** Before a key is sent with another content. */
    void forged(final Ask ask) {
        write(new StringBuilder()
                .append(FORGED)
                .append(' ')
                .append(ask.number())
                .append('\n'));
    }

    /** What that was answered. */
    void forgedAnswer(final Ask ask, final Answer answer) {
        write(new StringBuilder()
                .append(FORGED_ANSWER)
                .append(' ')
                .append(ask.number())
                .append(' ')
                .append(answer.status())
                .append(' ')
                .append(answer.code().isEmpty() ? "accepted" : answer.code())
                .append('\n'));
    }

    private static void append(final StringBuilder lines, final Ask ask, final Answer answer) {
        final char kind = switch (answer.kind()) {
            case DECIDED -> DECIDED;
            case NOT_APPLIED -> NOT_APPLIED;
            case UNKNOWN -> UNKNOWN;
            case REUSED, UNEXPECTED -> UNEXPECTED;
        };
        lines.append(kind).append(' ').append(ask.number()).append(' ');
        if (kind == DECIDED) {
            lines.append(answer.status()).append(' ').append(answer.partition()).append(' ');
            lines.append(answer.sequence()).append(' ').append(answer.balance()).append(' ');
            lines.append(answer.creditLimit()).append(' ').append(answer.isReplayed() ? 1 : 0);
            lines.append(' ').append(answer.code().isEmpty() ? "accepted" : answer.code());
        } else if (kind == UNEXPECTED) {
            lines.append(answer.status()).append(' ').append(answer.code());
        } else {
            lines.append(answer.code());
        }
        lines.append('\n');
    }

    private void write(final StringBuilder lines) {
        final ByteBuffer bytes =
                ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        try {
            synchronized (file) {
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot write the journal", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
