package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.Measured;

import java.net.InetSocketAddress;

/** One of the two that are compared. Used by one thread. */
interface Side extends AutoCloseable {
    /** Where it listens. */
    InetSocketAddress address();

    /**
     * Loads accounts, from the first one on, waits until everything that was acknowledged can be
     * read, and checks all balances.
     *
     * @throws IllegalStateException if a balance is wrong: there is no figure then
     */
    Turn measure(DriverOptions options, int accounts) throws Exception;

    /** Takes no processor from now on, until it is woken. */
    void rest();

    /** Goes on. */
    void wake();

    @Override
    void close();

    /**
     * What one turn gave.
     *
     * @param measured by the driver
     * @param behindSeconds from the last answer until everything could be read
     */
    record Turn(Measured measured, double behindSeconds) {
        /** Commands a second, counting the time until the last of them could be read. */
        double readablePerSecond() {
            return measured.done() / (measured.done() / measured.donePerSecond() + behindSeconds);
        }
    }
}
