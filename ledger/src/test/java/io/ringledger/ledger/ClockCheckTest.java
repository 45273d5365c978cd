package io.ringledger.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which clocks serve, which are refused, and what is said of the others. */
class ClockCheckTest {
    private static final long TIME = 1_700_000_000_000L;
    private static final long FIVE_MINUTES = 300_000;

    @ParameterizedTest
    @ValueSource(longs = {FIVE_MINUTES, 1, 0, -1, -FIVE_MINUTES, -86_400_000})
    void shouldServeWithAClockThatIsHardlyAheadOfTheLog(final long aheadMs) {
        assertThatCode(() -> ClockCheck.requireNotAheadOfLog(0, TIME + aheadMs, TIME))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(longs = {FIVE_MINUTES + 1, 86_400_000})
    void shouldRefuseAClockThatIsAheadOfTheLog(final long aheadMs) {
        assertThatThrownBy(() -> ClockCheck.requireNotAheadOfLog(3, TIME + aheadMs, TIME))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(aheadMs + " ms ahead of the log's")
                .hasMessageContaining("partition 3")
                .hasMessageContaining("no event was written");
    }

    @Test
    void shouldNotJudgeByALogThatDoesNotSayWhenARecordCame() {
        assertThatCode(() -> ClockCheck.requireNotAheadOfLog(0, TIME, LogRecord.UNKNOWN))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldMeasureAgainstTheLastEventOnceThereIsOne() {
        final AccountModel model = new AccountModel(ModelContext.small(1));
        assertThat(ClockCheck.aheadMs(0, TIME, model)).as("no event yet").isZero();
        model.submit(
                new Command().openAccount("a", "k", CurrencyCode.pack("EUR"), 0),
                TIME,
                new EventBatch(EventBatch.MAX_EVENT_LENGTH),
                new Outcome());
        assertThat(ClockCheck.aheadMs(0, TIME + 7_200_000, model)).isEqualTo(7_200_000);
        assertThat(ClockCheck.aheadMs(0, TIME - 120_000, model)).isEqualTo(-120_000);
    }
}
