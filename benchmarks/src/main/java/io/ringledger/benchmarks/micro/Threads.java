package io.ringledger.benchmarks.micro;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;

/** What threads have used, by their names. Stateless. */
final class Threads {
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Threads() {}

    /** The one live thread of this name. */
    static Thread named(final String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("no thread is called " + name));
    }

    /** Bytes of heap that it has allocated since its start. */
    static long allocatedBytes(final Thread thread) {
        return BEAN.getThreadAllocatedBytes(thread.threadId());
    }

    /** Time that it has had a processor since its start, in nanoseconds. */
    static long cpuNs(final Thread thread) {
        return BEAN.getThreadCpuTime(thread.threadId());
    }
}
