package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.TestLedger;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The trace of a command stands in its event, where it is traced, and nowhere else. */
final class TracedEventTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final int EUR = CurrencyCode.pack("EUR");
    private static final int TRACE_BYTES = 24;

    private final TestLedger ledger = new TestLedger(GoldenLog.context(1));
    private final Command command = new Command();

    private void submit(final Command asked, final boolean traced) {
        if (traced) {
            asked.trace(11, 12, 13);
        }
        ledger.submit(asked, NOW);
    }

    /** One of each kind; returns their bytes. */
    private byte[] everyEvent(final boolean traced) {
        submit(command.openAccount("a", "k1", EUR, 100), traced);
        submit(command.credit("a", "k2", 5, "r"), traced);
        submit(command.setCreditLimit("a", "k3", 50), traced);
        submit(command.withdraw("a", "k4", 1_000, "r"), traced);
        submit(command.withdraw("none", "k5", 1_000, "r"), traced);
        return events();
    }

    private byte[] events() {
        ledger.flush();
        try (FrameReader reader = new FrameReader()) {
            reader.open(ledger.records().getFirst());
            return reader.unpack();
        } finally {
            ledger.close();
        }
    }

    @Test
    void shouldCostATracedEventItsTraceAndNotBeInTheState() {
        final byte[] events = everyEvent(true);
        final TracedEventTest other = new TracedEventTest();
        assertThat(events).hasSize(other.everyEvent(false).length + 5 * TRACE_BYTES);
        final String state = ledger.model().stateHash();
        assertThat(other.ledger.model().stateHash()).isEqualTo(state);
        assertThat(TestLedger.replay(ledger.records(), GoldenLog.context(2)).stateHash())
                .isEqualTo(state);
    }

    @Test
    void shouldTakeTheTraceOffWhenTheCommandIsSetAnew() {
        submit(command.openAccount("a", "k1", EUR, 100), true);
        submit(command.credit("a", "k2", 5, ""), false);
        final Command slot = new Command();
        slot.copyFrom(command.credit("a", "k3", 5, "").trace(1, 2, 3));
        submit(slot, false);
        slot.copyFrom(command.credit("a", "k4", 5, ""));
        submit(slot, false);
        assertThat(versions(events())).containsExactly(1, 0, 1, 0);
    }

    /** A retry of a traced command has the first outcome and writes nothing. */
    @Test
    void shouldKeepTheTraceOfTheFirstRequest() {
        submit(command.openAccount("a", "k1", EUR, 100), false);
        submit(command.openAccount("a", "k1", EUR, 100), true);
        submit(command.credit("a", "k2", 5, ""), true);
        submit(command.credit("a", "k2", 5, ""), false);
        assertThat(versions(events())).containsExactly(0, 1);
    }

    @Test
    void shouldRefuseATraceWithoutASpan() {
        assertThatThrownBy(() -> command.trace(1, 2, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The versions of the schema in the heads of openings and transactions. */
    private static List<Integer> versions(final byte[] events) {
        final ByteBuffer buffer = ByteBuffer.wrap(events).order(ByteOrder.LITTLE_ENDIAN);
        final List<Integer> versions = new ArrayList<>();
        int at = 0;
        while (at < events.length) {
            versions.add((int) buffer.getShort(at + 6));
            final boolean isOpening = buffer.getShort(at + 2) == 1;
            at += 8 + buffer.getShort(at);
            at += 1 + buffer.get(at);
            at += isOpening ? 1 + buffer.get(at) : 2 + buffer.getShort(at);
        }
        return versions;
    }
}
