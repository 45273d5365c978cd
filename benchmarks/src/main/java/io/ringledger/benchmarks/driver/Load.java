package io.ringledger.benchmarks.driver;

/**
 * What is sent, and what is made of the answers. One for each thread of a driver; used by that one
 * alone.
 */
public interface Load {
    /** The longest request, bytes. */
    int maxRequestBytes();

    /**
     * Writes the next request of a connection, head and body.
     *
     * @param connection from 0; its last request has been answered
     * @param out room for {@link #maxRequestBytes} from its beginning
     * @return how many bytes were written
     */
    int nextRequest(int connection, byte[] out);

    /**
     * Takes the answer to the last request of a connection.
     *
     * @param bytes hold the body; only good during the call
     * @return what it was
     */
    Answered onAnswer(int connection, int status, byte[] bytes, int offset, int length);

    /** What kind of answer it was. */
    enum Answered {
        /** What was asked for has been done. */
        DONE,
        /** 503, and nothing was done. */
        REFUSED,
        /** Anything else: the run has no figure. */
        WRONG
    }
}
