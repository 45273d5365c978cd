package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.event.CommandType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values of the model and the bounds that they keep. */
class ValuesTest {
    private static final long MAX = LedgerLimits.MAX_MINOR;

    @Test
    void shouldWriteAPosition() {
        assertThat(new Position(3, 184_467)).hasToString("3-184467");
        assertThat(Position.format(0, Long.MAX_VALUE)).isEqualTo("0-9223372036854775807");
        assertThatThrownBy(() -> new Position(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Position(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sequence=-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EUR", "USD", "AAA", "ZZZ"})
    void shouldPackACurrency(final String code) {
        final int packed = CurrencyCode.pack(code);
        assertThat(CurrencyCode.isValid(packed)).isTrue();
        assertThat(CurrencyCode.unpack(packed)).isEqualTo(code);
        assertThat(CurrencyCode.isValid(packed | 1 << 24)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "EU", "EURO", "eur", "EU1", "EU[", "EU@", "ÉUR", "EU ", "EU\0"})
    void shouldRefuseWhatIsNoCurrency(final String code) {
        assertThatThrownBy(() -> CurrencyCode.pack(code))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldPackTheFirstLetterLowest() {
        assertThat(CurrencyCode.pack("EUR")).isEqualTo('E' | 'U' << 8 | 'R' << 16);
        assertThat(CurrencyCode.isValid(CurrencyCode.NONE)).isFalse();
    }

    @Test
    void shouldKeepTheBoundsOfAmounts() {
        final Command command = new Command();
        for (final long amount : new long[] {1, MAX}) {
            assertThat(command.credit("A", "k", amount, "").amountMinor()).isEqualTo(amount);
            assertThat(command.withdraw("A", "k", amount, "").amountMinor()).isEqualTo(amount);
        }
        for (final long amount : new long[] {0, -1, MAX + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            refuse(() -> command.credit("A", "k", amount, ""));
            refuse(() -> command.withdraw("A", "k", amount, ""));
        }
        final int euro = CurrencyCode.pack("EUR");
        for (final long limit : new long[] {0, MAX}) {
            assertThat(command.setCreditLimit("A", "k", limit).amountMinor()).isEqualTo(limit);
            assertThat(command.openAccount("A", "k", euro, limit).amountMinor()).isEqualTo(limit);
        }
        for (final long limit : new long[] {-1, MAX + 1, Long.MIN_VALUE}) {
            refuse(() -> command.setCreditLimit("A", "k", limit));
            refuse(() -> command.openAccount("A", "k", euro, limit));
        }
        refuse(() -> command.openAccount("A", "k", CurrencyCode.NONE, 0));
        refuse(() -> command.openAccount("A", "k", -1, 0));
    }

    @Test
    void shouldKeepTheBoundsOfTexts() {
        final Command command = new Command();
        final String longest = "x".repeat(64);
        command.credit(longest, longest, 1, "é".repeat(512));
        assertThat(command.accountId()).isEqualTo(longest);
        assertThat(command.accountIdLength()).isEqualTo(64);
        assertThat(command.key()).isEqualTo(longest);
        assertThat(command.reference()).isEqualTo("é".repeat(512));
        for (final String text : new String[] {"", longest + "x", "a b", "é", "a\n", "\u007f"}) {
            refuse(() -> command.credit(text, "k", 1, ""));
            refuse(() -> command.credit("A", text, 1, ""));
        }
        refuse(() -> command.credit("A", "k", 1, "x".repeat(1025)));
    }

    @Test
    void shouldCopyAWholeCommand() {
        final Command from = new Command().credit("account", "key", 5, "reference");
        final Command to = new Command().openAccount("B", "l", CurrencyCode.pack("EUR"), 1);
        to.copyFrom(from);
        from.withdraw("x", "y", 1, "changed");
        assertThat(to.type()).isEqualTo(CommandType.CREDIT);
        assertThat(to.accountId()).isEqualTo("account");
        assertThat(to.key()).isEqualTo("key");
        assertThat(to.amountMinor()).isEqualTo(5);
        assertThat(to.reference()).isEqualTo("reference");
        assertThat(to.currency()).isEqualTo(CurrencyCode.NONE);
        to.copyFrom(new Command().setCreditLimit("A", "k", 0));
        assertThat(to.reference()).isEmpty();
    }

    @Test
    void shouldKeepCustomerDataOutOfTheText() {
        final Command command = new Command().credit("secret-account", "secret-key", 5, "secret");
        assertThat(command.toString()).contains("CREDIT").doesNotContain("secret");
    }

    @Test
    void shouldRefuseContextsThatCannotBe() {
        refuse(() -> new ModelContext(0, 1, 1, 1, 1, 1, 1));
        refuse(() -> new ModelContext(1, -1, 1, 1, 1, 1, 1));
        refuse(() -> new ModelContext(1, 1, 0, 1, 1, 1, 1));
        refuse(() -> new ModelContext(1, 1, 1, -1, 1, 1, 1));
        refuse(() -> new ModelContext(1, 1, 1, 1, 0, 1, 1));
    }

    @Test
    void shouldSayThatItIsFull() {
        final ModelContext byAccounts = new ModelContext(1000, 1, 2, 1, Integer.MAX_VALUE, 1, 2);
        try (TestLedger ledger = new TestLedger(byAccounts)) {
            assertThat(ledger.model().isFullOfAccounts()).isFalse();
            ledger.submit(Ask.open("A", "k", "EUR", 0), 1);
            assertThat(ledger.model().accountCount()).isEqualTo(2);
            assertThat(ledger.model().isFullOfAccounts()).isTrue();
            assertThat(ledger.model().isFullOfKeys(1)).isFalse();
        }
        final ModelContext byKeys = new ModelContext(1000, 1, Integer.MAX_VALUE, 1, 2, 1, 2);
        try (TestLedger ledger = new TestLedger(byKeys)) {
            ledger.submit(Ask.open("A", "k", "EUR", 0), 1);
            assertThat(ledger.model().isFullOfKeys(1)).isFalse();
            ledger.submit(Ask.credit("A", "k1", 1), 1);
            assertThat(ledger.model().isFullOfKeys(1000)).isTrue();
            // Both have expired then: the next event makes room for itself.
            assertThat(ledger.model().isFullOfKeys(1001)).isFalse();
            ledger.submit(Ask.credit("A", "k2", 1), 1001);
            assertThat(ledger.model().isFullOfKeys(1001)).isFalse();
        }
    }

    private static void refuse(final org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }
}
