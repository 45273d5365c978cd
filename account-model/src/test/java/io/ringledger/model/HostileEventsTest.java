package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.event.CommandRefusedEncoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.event.TransactionPostedEncoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventBatch;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Events that are whole and checksummed, and contradict the state: each check of the model that
 * guards against a faulty writer is reached, and stops the reader.
 */
class HostileEventsTest {
    private static final long MAX = LedgerLimits.MAX_MINOR;
    private static final String TOO_LONG = "k".repeat(65);

    /** What is wrong, as the message says it, and the events that have it. */
    private record Case(String message, String what, Consumer<HandWrittenLog> events) {
        Case(final String message, final Consumer<HandWrittenLog> events) {
            this(message, "", events);
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldStopAtAnyOpeningThatContradictsTheState() {
        return tests(
                new Case("world account opened twice", log -> opened(log, 3, 2, Flag.YES)),
                new Case(
                        "world account has another number",
                        log -> log.opened(
                                "k9",
                                "B",
                                e -> e.currency("USD").accountNumber(3).worldAccountNumber(0))),
                new Case("account has another number", log -> opened(log, 3, 0, Flag.NO)),
                new Case("account has another number", "used", log -> opened(log, 1, 0, Flag.NO)),
                new Case("not its world account", "customer", log -> opened(log, 2, 1, Flag.NO)),
                new Case("not its world account", "none", log -> opened(log, 2, 9, Flag.NO)),
                new Case("not its world account", "-1", log -> opened(log, 2, -1, Flag.NO)),
                new Case(
                        "not its world account",
                        "currency",
                        log -> log.opened(
                                "k9",
                                "B",
                                e -> e.currency("USD").accountNumber(2).worldOpened(Flag.NO))),
                new Case(
                        "invalid currency",
                        log -> log.opened(
                                "k9",
                                "B",
                                e -> e.currency("eur").accountNumber(3).worldAccountNumber(2))),
                new Case(
                        "invalid currency",
                        "high bits",
                        log -> log.opened(
                                "k9",
                                "B",
                                e -> e.putCurrency((byte) 0xC5, (byte) 0xD5, (byte) 0xD2)
                                        .accountNumber(3)
                                        .worldAccountNumber(2))),
                new Case(
                        "account opened twice",
                        log -> log.opened("k9", "A", e -> e.accountNumber(2).worldOpened(Flag.NO))),
                new Case(
                        "credit limit out of range",
                        "negative",
                        log -> log.opened("k9", "B", e -> e.creditLimit(-1))),
                new Case(
                        "credit limit out of range",
                        log -> log.opened("k9", "B", e -> e.creditLimit(MAX + 1))),
                new Case(
                        "length of an account id",
                        "empty",
                        log -> log.opened("k9", "", e -> e.accountNumber(2).worldOpened(Flag.NO))),
                new Case(
                        "length of an account id",
                        log -> log.opened(
                                "k9", TOO_LONG, e -> e.accountNumber(2).worldOpened(Flag.NO))),
                new Case(
                        "invalid packed key",
                        "empty",
                        log -> log.opened("", "B", e -> e.accountNumber(2).worldOpened(Flag.NO))),
                new Case(
                        "invalid packed key",
                        log -> log.opened(
                                TOO_LONG, "B", e -> e.accountNumber(2).worldOpened(Flag.NO))));
    }

    @TestFactory
    Stream<DynamicTest> shouldStopAtAnyTransactionThatContradictsTheState() {
        return tests(
                new Case("balance differs", log -> posted(log, e -> e.balance(199))),
                new Case(
                        "balance differs",
                        "type",
                        log -> posted(log, e -> e.transactionType(TransactionType.WITHDRAW))),
                new Case(
                        "no such customer account",
                        "none",
                        log -> posted(log, e -> e.accountNumber(2))),
                new Case(
                        "no such customer account",
                        "-1",
                        log -> posted(log, e -> e.accountNumber(-1))),
                new Case(
                        "no such customer account",
                        "lowest",
                        log -> posted(log, e -> e.accountNumber(Integer.MIN_VALUE))),
                new Case(
                        "no such customer account",
                        "world",
                        log -> posted(log, e -> e.accountNumber(0))),
                new Case(
                        "not its world account", log -> posted(log, e -> e.contraAccountNumber(1))),
                new Case(
                        "not its world account",
                        "none",
                        log -> posted(log, e -> e.contraAccountNumber(77))),
                new Case(
                        "amount out of range",
                        "zero",
                        log -> posted(log, e -> e.amount(0).balance(100))),
                new Case(
                        "amount out of range",
                        "negative",
                        log -> posted(log, e -> e.amount(-100).balance(0))),
                new Case(
                        "amount out of range",
                        log -> posted(log, e -> e.amount(MAX + 1).balance(MAX + 101))),
                new Case(
                        "amount out of range",
                        "lowest",
                        log -> posted(log, e -> e.amount(Long.MIN_VALUE))),
                new Case(
                        "balance out of range",
                        log -> posted(log, e -> e.amount(MAX).balance(MAX + 100))),
                new Case(
                        "credit limit passed",
                        log -> posted(
                                log,
                                e -> e.transactionType(TransactionType.WITHDRAW)
                                        .amount(151)
                                        .balance(-51))),
                new Case(
                        "invalid packed key",
                        "empty",
                        log -> log.posted("", "", e -> e.balance(200))),
                new Case(
                        "invalid packed key", log -> log.posted(TOO_LONG, "", e -> e.balance(200))),
                new Case(
                        "invalid packed key",
                        "uuid",
                        log -> posted(log, e -> e.balance(200).keyFormat(KeyFormat.UUID))),
                new Case(
                        "invalid packed key",
                        "hex",
                        log -> log.posted(
                                "k".repeat(33), "", e -> e.balance(200).keyFormat(KeyFormat.HEX))),
                new Case(
                        "reference too long",
                        log -> log.posted("k9", "r".repeat(1025), e -> e.balance(200))),
                new Case(
                        "second outcome for one key",
                        log -> log.posted("k1", "", e -> e.balance(200))),
                new Case(
                        "second outcome for one key",
                        "of the opening",
                        log -> log.posted("k0", "", e -> e.balance(200))),
                new Case(
                        "second outcome for one key",
                        "many events later",
                        log -> limitsChanged(log.posted("k8", "", e -> e.balance(200)), 100)
                                .posted("k8", "", e -> e.balance(300))),
                new Case(
                        "second outcome for one key",
                        "refused by id",
                        log -> log.opened("k9", "C", e -> e.accountNumber(2).worldOpened(Flag.NO))
                                .posted("early", "", e -> e.accountNumber(2))));
    }

    @TestFactory
    Stream<DynamicTest> shouldStopAtAnyLimitThatContradictsTheState() {
        return tests(
                new Case(
                        "credit limit passed",
                        log -> log.posted(
                                        "k8",
                                        "",
                                        e -> e.transactionType(TransactionType.WITHDRAW)
                                                .amount(150)
                                                .balance(-50))
                                .limitChanged("k9", e -> e.creditLimit(49))),
                new Case(
                        "credit limit out of range",
                        "negative",
                        log -> log.limitChanged("k9", e -> e.creditLimit(-1))),
                new Case(
                        "credit limit out of range",
                        log -> log.limitChanged("k9", e -> e.creditLimit(MAX + 1))),
                new Case(
                        "no such customer account",
                        "world",
                        log -> log.limitChanged("k9", e -> e.accountNumber(0))),
                new Case(
                        "no such customer account",
                        log -> log.limitChanged("k9", e -> e.accountNumber(2))),
                new Case("invalid packed key", log -> log.limitChanged(TOO_LONG, e -> {})),
                new Case("second outcome for one key", log -> log.limitChanged("k1", e -> {})));
    }

    @TestFactory
    Stream<DynamicTest> shouldStopAtAnyRefusalThatContradictsTheState() {
        return tests(
                new Case(
                        "no refusal of this command",
                        "accepted",
                        log -> code(log, CommandType.WITHDRAW, ResultCode.ACCEPTED)),
                new Case(
                        "no refusal of this command",
                        "key reused",
                        log -> code(log, CommandType.WITHDRAW, ResultCode.IDEMPOTENCY_KEY_REUSED)),
                new Case(
                        "no refusal of this command",
                        "funds",
                        log -> code(log, CommandType.CREDIT, ResultCode.INSUFFICIENT_FUNDS)),
                new Case(
                        "no refusal of this command",
                        "limit",
                        log -> code(log, CommandType.WITHDRAW, ResultCode.CREDIT_LIMIT_IN_USE)),
                new Case(
                        "no refusal of this command",
                        "exists",
                        log -> code(log, CommandType.CREDIT, ResultCode.ACCOUNT_EXISTS)),
                new Case(
                        "no refusal of this command",
                        "range",
                        log -> code(
                                log,
                                CommandType.SET_CREDIT_LIMIT,
                                ResultCode.BALANCE_OUT_OF_RANGE)),
                new Case(
                        "no refusal of this command",
                        "opening not found",
                        log -> log.refused(
                                "k9", "B", "", e -> e.commandType(CommandType.OPEN_ACCOUNT))),
                new Case("unknown result code", log -> refused(log, e -> e.resultCode((short) 7))),
                new Case(
                        "unknown result code",
                        "255",
                        log -> refused(log, e -> e.resultCode((short) 255))),
                new Case(
                        "refusal does not fit its account",
                        "known",
                        log -> refused(log, e -> e.resultCode((short) 1))),
                new Case(
                        "refusal does not fit its account",
                        "unknown",
                        log -> log.refused("k9", "B", "", e -> e.resultCode((short) 3))),
                new Case("no such customer account", log -> refused(log, e -> e.accountNumber(2))),
                new Case(
                        "no such customer account",
                        "world",
                        log -> refused(log, e -> e.accountNumber(0))),
                new Case("account is there after all", log -> log.refused("k9", "A", "", e -> {})),
                new Case(
                        "id of a known account",
                        log -> log.refused(
                                "k9", "B", "", e -> e.accountNumber(1).resultCode((short) 3))),
                new Case(
                        "length of an account id",
                        "empty",
                        log -> refused(log, e -> e.accountNumber(-1).resultCode((short) 1))),
                new Case(
                        "length of an account id", log -> log.refused("k9", TOO_LONG, "", e -> {})),
                new Case("invalid packed key", log -> log.refused(TOO_LONG, "", "", e -> {})),
                new Case(
                        "reference too long",
                        log -> log.refused("k9", "", "r".repeat(1025), e -> {})),
                new Case(
                        "reference does not fit",
                        log -> log.refused(
                                "k9",
                                "",
                                "r",
                                e -> e.commandType(CommandType.SET_CREDIT_LIMIT)
                                        .resultCode((short) 4))),
                new Case("currency does not fit", log -> refused(log, e -> e.currency("EUR"))),
                new Case(
                        "currency does not fit",
                        "opening",
                        log -> code(log, CommandType.OPEN_ACCOUNT, ResultCode.ACCOUNT_EXISTS)),
                new Case("amount out of range", "zero", log -> refused(log, e -> e.amount(0))),
                new Case("amount out of range", "negative", log -> refused(log, e -> e.amount(-1))),
                new Case("amount out of range", log -> refused(log, e -> e.amount(MAX + 1))),
                new Case("second outcome for one key", log -> log.refused("k1", "", "", e -> {})),
                new Case(
                        "second outcome for one key",
                        "unknown account",
                        log -> log.refused("early", "C", "", e -> {})));
    }

    @TestFactory
    Stream<DynamicTest> shouldStopAtAGapAndWhenTimeGoesBack() {
        return tests(
                new Case("gap in the log", log -> log.after(4).limitChanged("k9", e -> {})),
                new Case(
                        "gap in the log", "again", log -> log.after(2).limitChanged("k9", e -> {})),
                new Case(
                        "gap in the log",
                        "from the start",
                        log -> log.after(0).limitChanged("k9", e -> {})),
                new Case(
                        "ledger time went back",
                        log -> log.at(HandWrittenLog.TIME - 1).limitChanged("k9", e -> {})));
    }

    @Test
    void shouldStopBeforeTheBalanceOfTheWorldOverflows() {
        final AccountModel model = new AccountModel(ModelContext.small(1));
        final HandWrittenLog log = new HandWrittenLog();
        // 1024 accounts bring the world to -2^63 + 1024: one more does not fit.
        for (int i = 0; i <= 1024; i++) {
            final int number = i + 1;
            log.opened(
                    "k",
                    "a" + i,
                    e -> e.accountNumber(number).worldOpened(number == 1 ? Flag.YES : Flag.NO));
        }
        for (int i = 0; i < 1024; i++) {
            final int number = i + 1;
            log.posted("f", "", e -> e.accountNumber(number).amount(MAX).balance(MAX));
        }
        log.into(model);
        model.verify();
        log.posted("f", "", e -> e.accountNumber(1025).amount(MAX).balance(MAX));
        assertThatThrownBy(() -> log.into(model))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("balance of the world account out of range")
                .hasMessageContaining(Long.toString(Long.MIN_VALUE + 1024));
    }

    @Test
    void shouldTakeWhatDoesNotContradictTheState() {
        final AccountModel model = new AccountModel(ModelContext.small(1));
        final HandWrittenLog log = start(model);
        log.posted(
                        "k9",
                        "rent",
                        e -> e.transactionType(TransactionType.WITHDRAW)
                                .amount(150)
                                .balance(-50))
                .limitChanged("k10", e -> e.creditLimit(50))
                .refused("k11", "", "r", e -> {})
                .refused("k11", "B", "", e -> e.commandType(CommandType.CREDIT))
                .refused(
                        "k12",
                        "",
                        "",
                        e -> e.commandType(CommandType.OPEN_ACCOUNT)
                                .resultCode((short) 2)
                                .currency("USD")
                                .amount(0))
                .into(model);
        model.verify();
        assertThat(model.lastSequence()).isEqualTo(8);
        final Outcome outcome = new Outcome();
        model.submit(
                Ask.withdraw("A", "k9", 150).withReference("rent").into(new Command()),
                HandWrittenLog.TIME,
                new EventBatch(EventBatch.MAX_EVENT_LENGTH),
                outcome);
        assertThat(outcome.isReplayed()).isTrue();
        assertThat(outcome.sequence()).isEqualTo(4);
        assertThat(outcome.balance()).isEqualTo(-50);
    }

    private static HandWrittenLog limitsChanged(final HandWrittenLog log, final int count) {
        for (int i = 0; i < count; i++) {
            log.limitChanged("limit" + i, e -> {});
        }
        return log;
    }

    private static Stream<DynamicTest> tests(final Case... cases) {
        return Arrays.stream(cases)
                .map(each -> DynamicTest.dynamicTest(
                        each.message + (each.what.isEmpty() ? "" : ": " + each.what), () -> {
                            final AccountModel model = new AccountModel(ModelContext.small(1));
                            final HandWrittenLog log = start(model);
                            each.events.accept(log);
                            assertThatThrownBy(() -> log.into(model))
                                    .isInstanceOf(InvariantViolation.class)
                                    .hasMessageContaining(each.message);
                        }));
    }

    /** Three events: account A with a limit of 50, 100 on it, and a refusal for want of C. */
    private static HandWrittenLog start(final AccountModel model) {
        return new HandWrittenLog()
                .opened("k0", "A", e -> {})
                .posted("k1", "", e -> {})
                .refused("early", "C", "", e -> {})
                .into(model);
    }

    private static void opened(
            final HandWrittenLog log, final int number, final int world, final Flag worldOpened) {
        log.opened(
                "k9",
                "B",
                e -> e.accountNumber(number).worldAccountNumber(world).worldOpened(worldOpened));
    }

    private static void posted(
            final HandWrittenLog log, final Consumer<TransactionPostedEncoder> change) {
        log.posted("k9", "", e -> change.accept(e.balance(200)));
    }

    private static void refused(
            final HandWrittenLog log, final Consumer<CommandRefusedEncoder> change) {
        log.refused("k9", "", "", change);
    }

    private static void code(
            final HandWrittenLog log, final CommandType type, final ResultCode code) {
        refused(log, e -> e.commandType(type).resultCode((short) code.number()));
    }
}
