package io.ringledger.ledger.http;

import io.ringledger.kit.Currencies;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.ProblemException;
import io.ringledger.kit.StrictJson;
import io.ringledger.kit.Texts;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.LedgerLimits;

/**
 * Decodes the bodies of single commands. Reused from request to request, by one event loop. Public
 * for the benchmarks, which measure it alone.
 */
public final class CommandDecoder {
    private static final StrictJson.Members OPENING =
            StrictJson.Members.required("accountId", "currency").optional("creditLimit");

    private static final StrictJson.Members TRANSACTION =
            StrictJson.Members.required("amount").optional("reference");

    private static final StrictJson.Members CREDIT_LIMIT =
            StrictJson.Members.required("creditLimit");

    private final StrictJson json = new StrictJson();
    private String accountId = "";
    private String reference = "";

    /**
     * Decodes the body of a route into {@code command}.
     *
     * @param accountId of the path; empty for an opening, whose body names it
     */
    public void decode(
            final Route route,
            final String accountId,
            final String key,
            final byte[] body,
            final Command command)
            throws ProblemException {
        json.open(body, 0, body.length);
        this.accountId = accountId;
        reference = "";
        switch (route) {
            case OPEN_ACCOUNT -> decodeOpening(key, command);
            case CREDIT, WITHDRAW -> decodeTransaction(route, accountId, key, command);
            case SET_CREDIT_LIMIT -> decodeCreditLimit(accountId, key, command);
            default -> throw new IllegalArgumentException("no command: route=" + route);
        }
    }

    /** The account id of the last command. */
    String accountId() {
        return accountId;
    }

    /** The reference of the last command, empty for none. */
    String reference() {
        return reference;
    }

    private void decodeOpening(final String key, final Command command) throws ProblemException {
        int currency = CurrencyCode.NONE;
        long creditLimit = 0;
        json.beginObject(OPENING);
        for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
            switch (member) {
                case 0 -> accountId = readAccountId(json);
                case 1 -> currency = readCurrency(json);
                default -> creditLimit = readCreditLimit(json);
            }
        }
        json.end();
        command.openAccount(accountId, key, currency, creditLimit);
    }

    private void decodeTransaction(
            final Route route, final String accountId, final String key, final Command command)
            throws ProblemException {
        long amount = 0;
        json.beginObject(TRANSACTION);
        for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
            switch (member) {
                case 0 -> amount = readAmount(json);
                default -> reference = readReference(json);
            }
        }
        json.end();
        if (route == Route.CREDIT) {
            command.credit(accountId, key, amount, reference);
        } else {
            command.withdraw(accountId, key, amount, reference);
        }
    }

    private void decodeCreditLimit(final String accountId, final String key, final Command command)
            throws ProblemException {
        long creditLimit = 0;
        json.beginObject(CREDIT_LIMIT);
        for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
            creditLimit = readCreditLimit(json);
        }
        json.end();
        command.setCreditLimit(accountId, key, creditLimit);
    }

    static String readAccountId(final StrictJson json) throws ProblemException {
        final String text = json.readText();
        if (!Texts.isToken(text)) {
            throw json.at(ProblemCode.INVALID_ACCOUNT_ID, "must have " + Texts.TOKEN_RULE);
        }
        return text;
    }

    static String readKey(final StrictJson json) throws ProblemException {
        final String text = json.readText();
        if (!Texts.isToken(text)) {
            throw json.at(ProblemCode.INVALID_IDEMPOTENCY_KEY, "must have " + Texts.TOKEN_RULE);
        }
        return text;
    }

    static int readCurrency(final StrictJson json) throws ProblemException {
        final String text = json.readText();
        if (!Currencies.isCode(text)) {
            throw json.at(
                    ProblemCode.INVALID_VALUE, "must be an active ISO 4217 code in upper case");
        }
        return CurrencyCode.pack(text);
    }

    static long readAmount(final StrictJson json) throws ProblemException {
        return json.readLong(1, LedgerLimits.MAX_MINOR);
    }

    static long readCreditLimit(final StrictJson json) throws ProblemException {
        return json.readLong(0, LedgerLimits.MAX_MINOR);
    }

    static String readReference(final StrictJson json) throws ProblemException {
        final String text = json.readText();
        final String error = Texts.referenceError(text);
        if (error != null) {
            throw json.at(ProblemCode.INVALID_VALUE, error);
        }
        return text;
    }

    /** An error at a JSON Pointer that is not the current value's. */
    static ProblemException at(final ProblemCode code, final String pointer, final String detail) {
        return new ProblemException(Problem.ofMember(code, pointer, detail));
    }
}
