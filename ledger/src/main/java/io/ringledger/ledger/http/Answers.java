package io.ringledger.ledger.http;

import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.model.Command;
import io.ringledger.model.Outcome;
import io.ringledger.model.Position;
import io.ringledger.model.ResultCode;
import io.ringledger.model.event.CommandType;

import java.util.EnumMap;
import java.util.Map;

/** What an outcome looks like in the API. Stateless. */
final class Answers {
    private static final byte[] ACCOUNT_ID = AnswerBuffer.ascii("{\"accountId\":\"");
    private static final byte[] CURRENCY = AnswerBuffer.ascii("\",\"currency\":\"");
    private static final byte[] BALANCE = AnswerBuffer.ascii("\",\"balance\":");
    private static final byte[] HELD = AnswerBuffer.ascii(",\"held\":");
    private static final byte[] CREDIT_LIMIT = AnswerBuffer.ascii(",\"creditLimit\":");
    private static final byte[] AVAILABLE = AnswerBuffer.ascii(",\"available\":");
    private static final byte[] POSITION =
            AnswerBuffer.ascii(",\"status\":\"open\",\"position\":\"");
    private static final byte[] RECORDED_AT = AnswerBuffer.ascii("\",\"recordedAt\":\"");
    private static final byte[] END = AnswerBuffer.ascii("\"}");
    private static final byte[] DASH = AnswerBuffer.ascii("-");

    private static final byte[] TRANSACTION_ID = AnswerBuffer.ascii("{\"transactionId\":\"");
    private static final byte[] TRANSACTION_ACCOUNT = AnswerBuffer.ascii("\",\"accountId\":\"");
    private static final byte[] CREDIT_AMOUNT =
            AnswerBuffer.ascii("\",\"type\":\"credit\",\"amount\":");
    private static final byte[] WITHDRAW_AMOUNT =
            AnswerBuffer.ascii("\",\"type\":\"withdraw\",\"amount\":");
    private static final byte[] TRANSACTION_CURRENCY = AnswerBuffer.ascii(",\"currency\":\"");
    private static final byte[] REFERENCE = AnswerBuffer.ascii(",\"reference\":");
    private static final byte[] NULL = AnswerBuffer.ascii("null");
    private static final byte[] TRANSACTION_RECORDED_AT = AnswerBuffer.ascii(",\"recordedAt\":\"");

    private static final Map<ResultCode, Problem> REFUSALS = new EnumMap<>(ResultCode.class);

    static {
        refusal(ResultCode.ACCOUNT_NOT_FOUND, "there is no account with this id");
        refusal(ResultCode.ACCOUNT_EXISTS, "an account with this id was opened before");
        refusal(ResultCode.INSUFFICIENT_FUNDS, "the amount is more than what is available");
        refusal(
                ResultCode.CREDIT_LIMIT_IN_USE,
                "the account uses more of its credit than the new limit allows");
        refusal(
                ResultCode.BALANCE_OUT_OF_RANGE,
                "the balance would pass 9007199254740991 in one direction or the other");
        refusal(
                ResultCode.IDEMPOTENCY_KEY_REUSED,
                "this key was used on this account for a command with other content");
        for (final ResultCode code : ResultCode.values()) {
            if (code != ResultCode.ACCEPTED && !REFUSALS.containsKey(code)) {
                throw new IllegalStateException("no problem for result code " + code);
            }
        }
    }

    /** Somebody else's account, or none: not recorded, so that it costs and tells nothing. */
    static final Problem NOT_FOUND = problemOf(ResultCode.ACCOUNT_NOT_FOUND);

    private Answers() {}

    private static void refusal(final ResultCode code, final String detail) {
        final ProblemCode problem = ProblemCode.ofWireName(code.wireName());
        if (problem == null) {
            throw new IllegalStateException("no problem code for result code " + code);
        }
        REFUSALS.put(code, Problem.of(problem, detail));
    }

    /** The HTTP status of an accepted command. */
    static int acceptedStatus(final CommandType type) {
        return type == CommandType.SET_CREDIT_LIMIT ? 200 : 201;
    }

    static boolean isTransaction(final CommandType type) {
        return type == CommandType.CREDIT || type == CommandType.WITHDRAW;
    }

    private static Problem problemOf(final ResultCode code) {
        final Problem problem = REFUSALS.get(code);
        if (problem == null) {
            throw new IllegalArgumentException("not a refusal: " + code);
        }
        return problem;
    }

    /** The problem of an outcome that is not accepted. */
    static Problem problem(final int partition, final Outcome outcome) {
        final Problem problem = problemOf(outcome.code());
        return outcome.sequence() == 0
                ? problem
                : problem.withPosition(Position.format(partition, outcome.sequence()));
    }

    /** Writes the account or the transaction of an accepted command. */
    static void write(
            final AnswerBuffer out,
            final CommandType type,
            final String accountId,
            final long amount,
            final String reference,
            final int partition,
            final Outcome outcome) {
        if (isTransaction(type)) {
            writeTransaction(out, type, accountId, amount, reference, partition, outcome);
        } else {
            writeAccount(out, accountId, partition, outcome);
        }
    }

    /** The same for a command that was kept. */
    static void write(
            final AnswerBuffer out,
            final Command command,
            final int partition,
            final Outcome outcome) {
        write(
                out,
                command.type(),
                command.accountId(),
                command.amountMinor(),
                command.reference(),
                partition,
                outcome);
    }

    private static void writeAccount(
            final AnswerBuffer out,
            final String accountId,
            final int partition,
            final Outcome outcome) {
        out.raw(ACCOUNT_ID).plain(accountId);
        out.raw(CURRENCY).currency(outcome.currency());
        out.raw(BALANCE);
        writeNumbers(out, outcome);
        out.raw(POSITION).number(partition).raw(DASH).number(outcome.sequence());
        out.raw(RECORDED_AT).time(outcome.timeMs()).raw(END);
    }

    private static void writeTransaction(
            final AnswerBuffer out,
            final CommandType type,
            final String accountId,
            final long amount,
            final String reference,
            final int partition,
            final Outcome outcome) {
        out.raw(TRANSACTION_ID).number(partition).raw(DASH).number(outcome.sequence());
        out.raw(TRANSACTION_ACCOUNT).plain(accountId);
        out.raw(type == CommandType.CREDIT ? CREDIT_AMOUNT : WITHDRAW_AMOUNT).number(amount);
        out.raw(TRANSACTION_CURRENCY).currency(outcome.currency());
        out.raw(BALANCE);
        writeNumbers(out, outcome);
        out.raw(REFERENCE);
        if (reference.isEmpty()) {
            out.raw(NULL);
        } else {
            out.string(reference);
        }
        out.raw(TRANSACTION_RECORDED_AT).time(outcome.timeMs()).raw(END);
    }

    private static void writeNumbers(final AnswerBuffer out, final Outcome outcome) {
        out.number(outcome.balance());
        out.raw(HELD).number(outcome.held());
        out.raw(CREDIT_LIMIT).number(outcome.creditLimit());
        out.raw(AVAILABLE).number(outcome.available());
    }
}
