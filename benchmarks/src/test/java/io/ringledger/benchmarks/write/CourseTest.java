package io.ringledger.benchmarks.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringledger.benchmarks.write.Course.Slot;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Slots of a second: calm for 3, high for 5, calm for 4. */
final class CourseTest {
    private static final double RISE_S = 3;
    private static final double FALL_S = 8;
    private static final double CALM_MS = 20;

    private static Slot slot(
            final int atS, final double done, final double refused, final double ms) {
        return new Slot(atS, atS + 1, done, refused, ms, 2 * ms);
    }

    private static List<Slot> overloaded() {
        final List<Slot> slots = new ArrayList<>();
        for (int s = 0; s < 3; s++) {
            slots.add(slot(s, 50, 0, CALM_MS));
        }
        slots.add(slot(3, 180, 0, 100));
        for (int s = 4; s < 8; s++) {
            slots.add(slot(s, 100, 80 + s, 200 + s));
        }
        return slots;
    }

    private static Course course(final List<Slot> slots) {
        return new Course(slots, RISE_S, FALL_S);
    }

    @Test
    void shouldLookAtTheOverloadOnceTheQueuesAreFull() {
        final List<Slot> slots = overloaded();
        slots.add(slot(8, 50, 0, CALM_MS));
        final Course course = course(slots);
        assertThat(course.doneWhileHigh()).isEqualTo(100);
        assertThat(course.refusedWhileHigh()).isEqualTo(85.5);
        assertThat(course.p99WhileHighMs(false)).isEqualTo(2 * 205.0);
        assertThat(course.p99WhileHighMs(true)).isEqualTo(2 * 207.0);
    }

    @Test
    void shouldSayWhenItWasAsBefore() {
        final List<Slot> slots = overloaded();
        slots.add(slot(8, 100, 10, 150));
        slots.add(slot(9, 100, 0, 2 * CALM_MS + 1));
        slots.add(slot(10, 50, 0, 2 * CALM_MS));
        slots.add(slot(11, 50, 0, CALM_MS));
        assertThat(course(slots).recoveryS()).isEqualTo(2, within(1e-9));
    }

    @Test
    void shouldNotTakeOneQuietSlotForARecovery() {
        final List<Slot> slots = overloaded();
        slots.add(slot(8, 50, 0, CALM_MS));
        slots.add(slot(9, 50, 5, CALM_MS));
        slots.add(slot(10, 0, 0, 0));
        slots.add(slot(11, 50, 0, CALM_MS));
        assertThat(course(slots).recoveryS()).as("never").isEqualTo(4, within(1e-9));
    }

    @Test
    void shouldRefuseALoadThatFallsBeforeItRises() {
        assertThatThrownBy(() -> new Course(List.of(), 5, 5))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
