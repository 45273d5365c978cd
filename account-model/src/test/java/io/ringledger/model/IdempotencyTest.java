package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.event.CommandType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One effect a key: what a retry gets, and when a key is free again. */
class IdempotencyTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long WINDOW = 10_000;
    private static final long MAX = LedgerLimits.MAX_MINOR;

    private final TestLedger ledger = new TestLedger(TestLedger.context(WINDOW, 42));

    /** The invariants hold after every test, and the log gives the same state. */
    @AfterEach
    void verify() {
        ledger.model().verify();
        ledger.flush();
        assertThat(TestLedger.replay(ledger.records(), TestLedger.context(WINDOW, 43))
                        .stateHash())
                .isEqualTo(ledger.model().stateHash());
        ledger.close();
    }

    @Test
    void shouldGiveEveryFirstOutcomeAgainNumberByNumber() {
        final List<Ask> asks = List.of(
                Ask.withdraw("A", "early", 1),
                Ask.open("A", "k0", "EUR", 50),
                Ask.open("A", "k1", "EUR", 50),
                Ask.credit("A", "k2", 100).withReference("salary"),
                Ask.withdraw("A", "k3", 151),
                Ask.withdraw("A", "k4", 150),
                Ask.limit("A", "k5", 49),
                Ask.limit("A", "k6", 70),
                Ask.credit("A", "k7", MAX),
                Ask.credit("A", "k8", MAX),
                Ask.credit("B", "k2", 1));
        final Outcome[] first = new Outcome[asks.size()];
        for (int i = 0; i < asks.size(); i++) {
            first[i] = ledger.submit(asks.get(i), NOW + i);
            assertThat(first[i].isReplayed()).isFalse();
            assertThat(first[i].sequence()).isEqualTo(i + 1);
            assertThat(first[i].timeMs()).isEqualTo(NOW + i);
        }
        assertThat(first[4].code()).isEqualTo(ResultCode.INSUFFICIENT_FUNDS);
        assertThat(first[8].code()).isEqualTo(ResultCode.ACCEPTED);
        final String stateHash = ledger.model().stateHash();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < asks.size(); i++) {
                assertSame(ledger.submit(asks.get(i), NOW + 5000), first[i]);
            }
        }
        assertThat(ledger.model().stateHash()).isEqualTo(stateHash);
    }

    @Test
    void shouldFillInTheAccountOfAnOutcome() {
        ledger.submit(Ask.open("A", "k0", "CZK", 50), NOW);
        final Outcome outcome = ledger.submit(Ask.withdraw("A", "k1", 20), NOW);
        assertThat(outcome.balance()).isEqualTo(-20);
        assertThat(outcome.held()).isZero();
        assertThat(outcome.creditLimit()).isEqualTo(50);
        assertThat(outcome.available()).isEqualTo(30);
        assertThat(CurrencyCode.unpack(outcome.currency())).isEqualTo("CZK");
    }

    @Test
    void shouldRefuseTheSameKeyWithAnyMemberChanged() {
        ledger.submit(Ask.open("A", "k0", "EUR", 50), NOW);
        final Ask credit = Ask.credit("A", "k1", 100).withReference("salary");
        final Outcome first = ledger.submit(credit, NOW);
        ledger.submit(Ask.limit("A", "k2", 60), NOW);
        final List<Ask> changed = List.of(
                Ask.open("A", "k0", "USD", 50),
                Ask.open("A", "k0", "EUR", 51),
                credit.withAmount(101),
                credit.withReference("salarz"),
                credit.withReference("salary "),
                credit.withReference(""),
                credit.withType(CommandType.WITHDRAW),
                credit.withType(CommandType.SET_CREDIT_LIMIT),
                credit.withType(CommandType.OPEN_ACCOUNT),
                Ask.limit("A", "k2", 61),
                Ask.limit("A", "k2", 60).withType(CommandType.CREDIT),
                Ask.limit("A", "k2", 60).withType(CommandType.OPEN_ACCOUNT));
        final String stateHash = ledger.model().stateHash();
        for (final Ask ask : changed) {
            final Outcome outcome = ledger.submit(ask, NOW + 1);
            assertThat(outcome.code()).as("%s", ask).isEqualTo(ResultCode.IDEMPOTENCY_KEY_REUSED);
            assertThat(outcome.isReplayed()).isFalse();
            assertThat(outcome.sequence()).isZero();
            assertThat(outcome.timeMs()).isEqualTo(NOW + 1);
            assertThat(outcome.balance()).isZero();
        }
        assertThat(ledger.model().stateHash()).isEqualTo(stateHash);
        assertSame(ledger.submit(credit, NOW + 1), first);
    }

    @Test
    void shouldKeepAKeyApartOnEveryAccount() {
        for (final String account : List.of("A", "B", "a", "A.", "AA")) {
            assertThat(ledger.submit(Ask.open(account, "same", "EUR", 0), NOW).code())
                    .isEqualTo(ResultCode.ACCEPTED);
            assertThat(ledger.submit(Ask.credit(account, "key", 1), NOW).sequence())
                    .isEqualTo(ledger.model().lastSequence());
        }
        assertThat(ledger.model().keyCount()).isEqualTo(10);
        assertThat(ledger.submit(Ask.credit("unknown", "key", 1), NOW).code())
                .isEqualTo(ResultCode.ACCOUNT_NOT_FOUND);
        assertThat(ledger.submit(Ask.credit("unknowm", "key", 1), NOW).isReplayed())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, true", "9999, true", "10000, false", "10001, false", "99999999, false"})
    void shouldForgetAKeyExactlyAtTheEndOfTheWindow(final long laterMs, final boolean isKept) {
        ledger.submit(Ask.open("A", "k0", "EUR", 0), NOW - 1);
        final Ask credit = Ask.credit("A", "k1", 1);
        final Outcome first = ledger.submit(credit, NOW);
        final Outcome second = ledger.submit(credit, NOW + laterMs);
        assertThat(second.isReplayed()).isEqualTo(isKept);
        assertThat(second.balance()).isEqualTo(isKept ? 1 : 2);
        if (!isKept) {
            // The key is used anew: with a window and an outcome of its own.
            assertThat(second.sequence()).isEqualTo(first.sequence() + 1);
            final long end = NOW + laterMs + WINDOW;
            assertSame(ledger.submit(credit, end - 1), second);
            assertThat(ledger.submit(credit.withAmount(2), end - 1).code())
                    .isEqualTo(ResultCode.IDEMPOTENCY_KEY_REUSED);
            assertThat(ledger.submit(credit, end).balance()).isEqualTo(3);
        }
    }

    @Test
    void shouldNotLetTheClockGoBack() {
        ledger.submit(Ask.open("A", "k0", "EUR", 0), NOW);
        final Ask credit = Ask.credit("A", "k1", 1);
        final Outcome first = ledger.submit(credit, NOW - 999_999);
        assertThat(first.timeMs()).isEqualTo(NOW);
        assertThat(ledger.submit(Ask.credit("A", "k2", 1), Long.MIN_VALUE).timeMs())
                .isEqualTo(NOW);
        // A probe in the future that records nothing does not move the ledger's time.
        ledger.submit(credit.withAmount(2), NOW + WINDOW - 1);
        assertSame(ledger.submit(credit, NOW - 1), first);
        assertThat(ledger.model().lastTimeMs()).isEqualTo(NOW);
    }

    @Test
    void shouldReplaceAKeyThatIsExpiredAmongManyThatAre() {
        ledger.submit(Ask.open("A", "k0", "EUR", 0), NOW);
        final int backlog = 5000;
        for (int i = 0; i < backlog; i++) {
            ledger.submit(Ask.credit("A", "old" + i, 1), NOW);
        }
        assertThat(ledger.model().keyCount()).isEqualTo(backlog + 1);
        final long later = NOW + WINDOW;
        // The last ones first: their records are far from the head that is being removed.
        for (int i = backlog - 1; i >= 0; i -= 5) {
            final Ask again = Ask.credit("A", "old" + i, 2);
            final Outcome outcome = ledger.submit(again, later);
            assertThat(outcome.isReplayed()).isFalse();
            assertThat(outcome.code()).isEqualTo(ResultCode.ACCEPTED);
            assertSame(ledger.submit(again, later), outcome);
        }
        // Bounded work an event: at most four records go with each.
        assertThat(ledger.model().keyCount()).isGreaterThan(backlog / 5);
        for (int i = 0; i < backlog; i++) {
            ledger.submit(Ask.credit("A", "new" + i, 1), later);
        }
        assertThat(ledger.model().keyCount()).isEqualTo(backlog + backlog / 5);
        for (int i = backlog - 1; i >= 0; i -= 5) {
            assertThat(ledger.submit(Ask.credit("A", "old" + i, 2), later).isReplayed())
                    .isTrue();
        }
    }

    /** Found by the naive model: the expired refusal hid the live outcome, and a retry booked. */
    @Test
    void shouldFindTheOutcomeOfAnAccountBehindTheExpiredRefusalOfItsId() {
        ledger.submit(Ask.open("B", "k0", "EUR", 0), NOW);
        for (int i = 0; i < 100; i++) {
            ledger.submit(Ask.credit("B", "k" + i, 1), NOW);
        }
        final Ask early = Ask.credit("A", "early", 1);
        assertThat(ledger.submit(early, NOW).code()).isEqualTo(ResultCode.ACCOUNT_NOT_FOUND);
        ledger.submit(Ask.open("A", "k0", "EUR", 0), NOW + 1);
        final Outcome booked = ledger.submit(early, NOW + WINDOW);
        assertThat(booked.code()).isEqualTo(ResultCode.ACCEPTED);
        assertSame(ledger.submit(early, NOW + WINDOW), booked);
        for (int i = 0; i < 100; i++) {
            ledger.submit(Ask.credit("B", "late" + i, 1), NOW + WINDOW + 1);
            assertSame(ledger.submit(early, NOW + WINDOW + 1), booked);
        }
    }

    @Test
    void shouldGiveARefusalForWantOfAnAccountAgainOnceTheAccountIsThere() {
        final Ask early = Ask.withdraw("A", "early", 1);
        final Outcome refused = ledger.submit(early, NOW);
        final Ask opening = Ask.open("A", "k0", "EUR", 10);
        assertThat(ledger.submit(opening.withKey("early"), NOW).code())
                .isEqualTo(ResultCode.IDEMPOTENCY_KEY_REUSED);
        assertThat(ledger.submit(opening, NOW).code()).isEqualTo(ResultCode.ACCEPTED);
        assertSame(ledger.submit(early, NOW), refused);
        assertThat(refused.currency()).isEqualTo(CurrencyCode.NONE);
        assertThat(ledger.submit(early.withAmount(2), NOW).code())
                .isEqualTo(ResultCode.IDEMPOTENCY_KEY_REUSED);
        assertThat(ledger.submit(early, NOW + WINDOW).code()).isEqualTo(ResultCode.ACCEPTED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, Long.MAX_VALUE})
    void shouldKeepToExtremeWindows(final long windowMs) {
        try (TestLedger other = new TestLedger(TestLedger.context(windowMs, 5))) {
            other.submit(Ask.open("A", "k0", "EUR", 0), NOW);
            final Ask credit = Ask.credit("A", "k1", 1);
            other.submit(credit, NOW);
            assertThat(other.submit(credit, NOW).isReplayed()).isTrue();
            assertThat(other.submit(credit, NOW + 1).isReplayed()).isEqualTo(windowMs > 1);
            assertThat(other.submit(credit, NOW + 2).isReplayed())
                    .isEqualTo(windowMs == Long.MAX_VALUE);
        }
    }

    /** Texts that a careless packing would take for one another. */
    @Test
    void shouldTellLookAlikesApart() {
        final String uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        final String hex = uuid.replace("-", "");
        final List<String> keys = List.of(
                uuid,
                uuid.toUpperCase(java.util.Locale.ROOT),
                hex,
                hex.toUpperCase(java.util.Locale.ROOT),
                hex.substring(1),
                hex.substring(2),
                hex + "0",
                hex + "00",
                "00" + hex,
                uuid.replace('-', '_'),
                uuid.replace("-", ":"),
                "0f8fad5b-d9cb-469f-a165-70867728950",
                "0f8fad5b-d9cb-469f-a165-70867728950e0",
                "0f8fad5bd-9cb-469f-a165-70867728950e",
                "ab",
                "AB",
                "aB",
                "a",
                "b",
                "aba",
                "abab",
                "abb",
                // The text whose bytes are those of the hexadecimal key 6162.
                "6162",
                "6161",
                "616263",
                "0",
                "00",
                "000",
                "0000",
                "-",
                "--",
                "0-",
                "f".repeat(64),
                "f".repeat(63),
                "f".repeat(62),
                "F".repeat(64),
                "z".repeat(64));
        ledger.submit(Ask.open("A", "open", "EUR", 0), NOW);
        long balance = 0;
        for (final String key : keys) {
            final Outcome outcome = ledger.submit(Ask.credit("A", key, 1), NOW);
            assertThat(outcome.isReplayed()).as("first use of %s", key).isFalse();
            assertThat(outcome.balance()).isEqualTo(++balance);
        }
        for (int i = 0; i < keys.size(); i++) {
            final Outcome again = ledger.submit(Ask.credit("A", keys.get(i), 1), NOW);
            assertThat(again.isReplayed()).isTrue();
            assertThat(again.balance()).as("outcome of %s", keys.get(i)).isEqualTo(i + 1);
        }
        final UUID random = new UUID(0x1234, 0x5678);
        assertThat(ledger.submit(Ask.credit("A", random.toString(), 1), NOW).isReplayed())
                .isFalse();
    }

    /**
     * Pairs of keys with the same hash of 32 bits, found by search with the seeds of the model: only
     * the comparison of every byte and of the account keeps them apart.
     */
    @Test
    void shouldTellKeysOfTheSameHashApart() {
        final List<String> accounts = List.of("A", "B");
        final Map<Integer, String> keyOfHash = new HashMap<>();
        int found = 0;
        for (final String account : accounts) {
            ledger.submit(Ask.open(account, "open", "EUR", 0), NOW);
            final byte[] id = account.getBytes(StandardCharsets.US_ASCII);
            final long idHash = SipHash.hash(42, ~42L, id, 0, id.length);
            for (int i = 0; i < 150_000; i++) {
                final String key = "key" + i;
                final byte[] text = key.getBytes(StandardCharsets.US_ASCII);
                final int hash = (int) SipHash.hash(~42L ^ idHash, 42, text, 0, text.length);
                final String other = keyOfHash.put(hash, account + ' ' + key);
                if (other != null) {
                    found++;
                    final String[] parts = other.split(" ", -1);
                    final Ask one = Ask.credit(parts[0], parts[1], 1);
                    final Ask two = Ask.credit(account, key, 1);
                    final Outcome first = ledger.submit(one, NOW);
                    final Outcome second = ledger.submit(two, NOW);
                    assertThat(first.isReplayed()).as("%s and %s", one, two).isFalse();
                    assertThat(second.isReplayed()).as("%s and %s", one, two).isFalse();
                    assertSame(ledger.submit(one, NOW), first);
                    assertSame(ledger.submit(two, NOW), second);
                }
            }
        }
        // 300,000 keys have 10 such pairs on average.
        assertThat(found).isGreaterThan(1);
    }

    @Test
    void shouldTellAccountsOfTheSameHashApart() {
        final Map<Integer, String> idOfHash = new HashMap<>();
        int found = 0;
        for (int i = 0; i < 300_000; i++) {
            final String account = "account" + i;
            final byte[] id = account.getBytes(StandardCharsets.US_ASCII);
            final String other =
                    idOfHash.put((int) SipHash.hash(42, ~42L, id, 0, id.length), account);
            if (other != null) {
                found++;
                ledger.submit(Ask.open(other, "open", "EUR", 0), NOW);
                assertThat(ledger.submit(Ask.credit(account, "key", 1), NOW).code())
                        .isEqualTo(ResultCode.ACCOUNT_NOT_FOUND);
                ledger.submit(Ask.open(account, "open", "EUR", 0), NOW);
                ledger.submit(Ask.credit(other, "key", 5), NOW);
                assertThat(ledger.submit(Ask.credit(account, "key2", 7), NOW).balance())
                        .isEqualTo(7);
            }
        }
        assertThat(found).isGreaterThan(1);
    }

    @Test
    void shouldTellTheSameKeyApartOnAccountsOfTheSameHash() {
        final byte[] text = "key".getBytes(StandardCharsets.US_ASCII);
        final Map<Integer, String> idOfHash = new HashMap<>();
        int found = 0;
        for (int i = 0; i < 300_000; i++) {
            final String account = "account" + i;
            final byte[] id = account.getBytes(StandardCharsets.US_ASCII);
            final long idHash = SipHash.hash(42, ~42L, id, 0, id.length);
            final int hash = (int) SipHash.hash(~42L ^ idHash, 42, text, 0, text.length);
            final String other = idOfHash.put(hash, account);
            if (other == null) {
                continue;
            }
            // In every second pair the one account is not there, and its refusal goes by its id.
            if (found++ % 2 == 0) {
                ledger.submit(Ask.open(other, "open", "EUR", 0), NOW);
            }
            ledger.submit(Ask.open(account, "open", "EUR", 0), NOW);
            final Outcome first = ledger.submit(Ask.credit(other, "key", 1), NOW);
            final Outcome second = ledger.submit(Ask.credit(account, "key", 1), NOW);
            assertThat(first.isReplayed()).isFalse();
            assertThat(second.isReplayed()).as("%s and %s", other, account).isFalse();
            assertSame(ledger.submit(Ask.credit(other, "key", 1), NOW), first);
            assertSame(ledger.submit(Ask.credit(account, "key", 1), NOW), second);
        }
        assertThat(found).isGreaterThan(3);
    }

    private static void assertSame(final Outcome actual, final Outcome first) {
        assertThat(actual.isReplayed()).isTrue();
        assertThat(actual.code()).isEqualTo(first.code());
        assertThat(actual.sequence()).isEqualTo(first.sequence());
        assertThat(actual.timeMs()).isEqualTo(first.timeMs());
        assertThat(actual.balance()).isEqualTo(first.balance());
        assertThat(actual.held()).isEqualTo(first.held());
        assertThat(actual.creditLimit()).isEqualTo(first.creditLimit());
        assertThat(actual.currency()).isEqualTo(first.currency());
    }
}
