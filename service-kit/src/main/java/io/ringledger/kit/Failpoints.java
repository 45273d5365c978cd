package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends this process at a named step, as a crash at exactly that moment would, or freezes the thread
 * that gets there, or throws there what nobody foresaw, as a defect would. For tests alone: off unless {@link #POINT} names a step and {@link #ALLOWED}
 * says yes; one without the other keeps the process from starting.
 *
 * <p>Free when off: {@link #before} and {@link #after} are empty then for the compiler, since what
 * they ask is constant. Thread-safe.
 */
public final class Failpoints {
    /** What a process ends with, as if by SIGKILL. */
    public static final int EXIT_CODE = 137;

    /**
     * Which step: {@code name:before|after:passing}, and maybe {@code :pause:milliseconds}, or {@code
     * :fail:passings}.
     */
    public static final Setting<String> POINT = Setting.ofOptionalText(
            "RINGLEDGER_FAILPOINT",
            "for tests: the process ends at this step, such as append_returned:before:17");

    /** Whether the other one may be set at all. */
    public static final Setting<String> ALLOWED = Setting.ofOptionalText(
            "RINGLEDGER_ALLOW_FAILPOINTS", "for tests: yes, or RINGLEDGER_FAILPOINT is refused");

    /** For the processes that have such steps. */
    public static final List<Setting<?>> SETTINGS = List.of(POINT, ALLOWED);

    private static final String BEFORE = "before";
    private static final String AFTER = "after";
    private static final String PAUSE = "pause";
    private static final String FAIL = "fail";
    private static final long MAX_PAUSE_MS = 3_600_000;

    private static final @Nullable Plan PLAN = planOf(System.getenv());
    private static final boolean IS_ARMED = PLAN != null;

    private Failpoints() {}

    /** Right before a step. */
    public static void before(final Failpoint point) {
        if (IS_ARMED) {
            pass(point, false);
        }
    }

    /** Right after a step. */
    public static void after(final Failpoint point) {
        if (IS_ARMED) {
            pass(point, true);
        }
    }

    /**
     * Refuses a failpoint that is not allowed or not there. Every process that has them asks this
     * at its start.
     *
     * @throws SettingsException with what to do
     */
    public static void check(final Map<String, String> environment) {
        final String text = environment.getOrDefault(POINT.name(), "");
        if (text.isEmpty()) {
            return;
        }
        if (!isAllowed(environment)) {
            throw new SettingsException(List.of(POINT.name() + "=" + text
                    + " kills this process, for tests: unset it, or allow it with "
                    + ALLOWED.name() + "=yes"));
        }
        try {
            final Plan _ = Plan.parse(text);
        } catch (final IllegalArgumentException e) {
            throw new SettingsException(List.of(POINT.name() + "=" + text + ": " + e.getMessage()));
        }
    }

    private static boolean isAllowed(final Map<String, String> environment) {
        return "yes".equals(environment.get(ALLOWED.name()));
    }

    /** Null where nothing is to happen; what is wrong is {@link #check}'s to say. */
    private static @Nullable Plan planOf(final Map<String, String> environment) {
        final String text = environment.getOrDefault(POINT.name(), "");
        if (text.isEmpty() || !isAllowed(environment)) {
            return null;
        }
        try {
            return Plan.parse(text);
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }

    private static void pass(final Failpoint point, final boolean isAfter) {
        final Plan plan = PLAN;
        if (plan == null || !plan.isReachedBy(point, isAfter)) {
            return;
        }
        System.err.println("failpoint reached: " + plan);
        System.err.flush();
        if (plan.failures > 0) {
            throw new IllegalStateException("failpoint: " + plan);
        }
        if (plan.pauseMs == 0) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        final long untilNs = System.nanoTime() + plan.pauseMs * 1_000_000;
        while (untilNs - System.nanoTime() > 0) {
            LockSupport.parkNanos(untilNs - System.nanoTime());
        }
    }

    /** What is to happen where. */
    static final class Plan {
        private final Failpoint point;
        private final boolean isAfter;
        private final long passing;
        private final long pauseMs;

        /** How many passings fail, from that one on; 0: it is not to fail. */
        private final long failures;

        private final AtomicLong passings = new AtomicLong();

        private Plan(
                final Failpoint point,
                final boolean isAfter,
                final long passing,
                final long pauseMs,
                final long failures) {
            this.point = point;
            this.isAfter = isAfter;
            this.passing = passing;
            this.pauseMs = pauseMs;
            this.failures = failures;
        }

        static Plan parse(final String text) {
            final String[] parts = text.split(":", -1);
            final boolean isPause = parts.length == 5 && PAUSE.equals(parts[3]);
            final boolean isFailure = parts.length == 5 && FAIL.equals(parts[3]);
            if ((parts.length != 3 && !isPause && !isFailure)
                    || !(BEFORE.equals(parts[1]) || AFTER.equals(parts[1]))) {
                throw new IllegalArgumentException("expected name:before|after:passing or that and"
                        + " :pause:milliseconds or :fail:passings");
            }
            return new Plan(
                    point(parts[0]),
                    AFTER.equals(parts[1]),
                    number(parts[2], Long.MAX_VALUE),
                    isPause ? number(parts[4], MAX_PAUSE_MS) : 0,
                    isFailure ? number(parts[4], Integer.MAX_VALUE) : 0);
        }

        boolean isReachedBy(final Failpoint passed, final boolean isAfterIt) {
            if (passed != point || isAfterIt != isAfter) {
                return false;
            }
            final long later = passings.incrementAndGet() - passing;
            return later >= 0 && later < Math.max(1, failures);
        }

        private static Failpoint point(final String name) {
            for (final Failpoint point : Failpoint.values()) {
                if (point.wireName().equals(name)) {
                    return point;
                }
            }
            throw new IllegalArgumentException("no such step: " + name + ", there are "
                    + Arrays.stream(Failpoint.values()).map(Failpoint::wireName).toList());
        }

        private static long number(final String text, final long max) {
            try {
                final long number = Long.parseLong(text);
                if (number >= 1 && number <= max) {
                    return number;
                }
            } catch (final NumberFormatException e) {
                // Said below.
            }
            throw new IllegalArgumentException("not a number from 1 to " + max + ": " + text);
        }

        @Override
        public String toString() {
            return point.wireName() + ":" + (isAfter ? AFTER : BEFORE) + ":" + passing
                    + (pauseMs == 0 ? "" : ":" + PAUSE + ":" + pauseMs)
                    + (failures == 0 ? "" : ":" + FAIL + ":" + failures);
        }
    }
}
