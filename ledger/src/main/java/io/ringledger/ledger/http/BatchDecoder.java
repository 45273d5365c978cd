package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.StrictJson;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;

import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the body of a batch, some commands at a time, so that an event loop has other work done in
 * between. Used by one event loop, for one batch.
 */
final class BatchDecoder {
    private static final StrictJson.Members BODY = StrictJson.Members.required("commands");

    private static final StrictJson.Members ELEMENT = StrictJson.Members.required(
                    "op", "accountId", "idempotencyKey")
            .optional("amount", "reference", "currency", "creditLimit");

    private static final String[] NAMES = {
        "op", "accountId", "idempotencyKey", "amount", "reference", "currency", "creditLimit"
    };

    private static final int COMMON = 0b000_0111;
    private static final int AMOUNT = 1 << 3;
    private static final int REFERENCE = 1 << 4;
    private static final int CURRENCY = 1 << 5;
    private static final int CREDIT_LIMIT = 1 << 6;

    /** What an element asks for, with the members that it must and may have. */
    private enum Op {
        OPEN_ACCOUNT("openAccount", CURRENCY, CREDIT_LIMIT),
        CREDIT("credit", AMOUNT, REFERENCE),
        WITHDRAW("withdraw", AMOUNT, REFERENCE),
        SET_CREDIT_LIMIT("setCreditLimit", CREDIT_LIMIT, 0);

        private final String wireName;
        private final int required;
        private final int allowed;

        Op(final String wireName, final int required, final int optional) {
            this.wireName = wireName;
            this.required = COMMON | required;
            this.allowed = COMMON | required | optional;
        }
    }

    private final StrictJson json = new StrictJson();
    private final List<Command> commands = new ArrayList<>();

    /** Starts; the bytes must not change until the last command has been decoded. */
    BatchDecoder(final byte[] body) throws ProblemException {
        json.open(body, 0, body.length);
        json.beginObject(BODY);
        if (json.nextMember() < 0) {
            throw new IllegalStateException("a required member was not required");
        }
        json.beginArray();
    }

    /** Decodes up to {@code count} commands more; true if that was the whole body. */
    boolean decode(final int count) throws ProblemException {
        for (int i = 0; i < count; i++) {
            if (!json.nextElement()) {
                endOfCommands();
                return true;
            }
            if (commands.size() == CommandHttpOptions.MAX_BATCH_COMMANDS) {
                throw CommandDecoder.at(
                        ProblemCode.INVALID_VALUE,
                        "/commands",
                        "must have at most " + CommandHttpOptions.MAX_BATCH_COMMANDS + " elements");
            }
            commands.add(decodeElement());
        }
        return false;
    }

    /** The commands, once {@link #decode} has answered true. */
    List<Command> commands() {
        return commands;
    }

    private void endOfCommands() throws ProblemException {
        if (commands.isEmpty()) {
            throw json.at(ProblemCode.INVALID_VALUE, "must not be empty");
        }
        if (json.nextMember() >= 0) {
            throw new IllegalStateException("a second member was neither unknown nor a duplicate");
        }
        json.end();
    }

    private Command decodeElement() throws ProblemException {
        Op op = Op.CREDIT;
        String accountId = "";
        String key = "";
        long amount = 0;
        String reference = "";
        int currency = CurrencyCode.NONE;
        long creditLimit = 0;
        json.beginObject(ELEMENT);
        for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
            switch (member) {
                case 0 -> op = readOp();
                case 1 -> accountId = CommandDecoder.readAccountId(json);
                case 2 -> key = CommandDecoder.readKey(json);
                case 3 -> amount = CommandDecoder.readAmount(json);
                case 4 -> reference = CommandDecoder.readReference(json);
                case 5 -> currency = CommandDecoder.readCurrency(json);
                default -> creditLimit = CommandDecoder.readCreditLimit(json);
            }
        }
        requireMembersOf(op);
        final Command command = new Command();
        return switch (op) {
            case OPEN_ACCOUNT -> command.openAccount(accountId, key, currency, creditLimit);
            case CREDIT -> command.credit(accountId, key, amount, reference);
            case WITHDRAW -> command.withdraw(accountId, key, amount, reference);
            case SET_CREDIT_LIMIT -> command.setCreditLimit(accountId, key, creditLimit);
        };
    }

    private Op readOp() throws ProblemException {
        final String text = json.readText();
        for (final Op op : Op.values()) {
            if (op.wireName.equals(text)) {
                return op;
            }
        }
        throw json.at(
                ProblemCode.INVALID_VALUE,
                "must be one of openAccount, credit, withdraw, setCreditLimit");
    }

    private void requireMembersOf(final Op op) throws ProblemException {
        final int seen = json.seenMembers();
        final int missing = op.required & ~seen;
        if (missing != 0) {
            throw CommandDecoder.at(
                    ProblemCode.MISSING_MEMBER,
                    pointerOf(missing),
                    "is missing: " + op.wireName + " needs it");
        }
        final int foreign = seen & ~op.allowed;
        if (foreign != 0) {
            throw CommandDecoder.at(
                    ProblemCode.UNKNOWN_MEMBER,
                    pointerOf(foreign),
                    "is not a member of " + op.wireName);
        }
    }

    /** After the end of an element, the current value is the element. */
    private String pointerOf(final int members) {
        return json.pointer() + "/" + NAMES[Integer.numberOfTrailingZeros(members)];
    }
}
