package io.ringledger.model;

import io.ringledger.model.event.CommandType;

/**
 * A command as the tests write it: plain values, so that a second model can take it without the
 * main code's {@link Command}.
 *
 * @param currency of an opening, else empty
 * @param amount the amount, or the credit limit asked for
 */
record Ask(
        CommandType type,
        String accountId,
        String key,
        String currency,
        long amount,
        String reference) {

    static Ask open(
            final String accountId, final String key, final String currency, final long limit) {
        return new Ask(CommandType.OPEN_ACCOUNT, accountId, key, currency, limit, "");
    }

    static Ask credit(final String accountId, final String key, final long amount) {
        return new Ask(CommandType.CREDIT, accountId, key, "", amount, "");
    }

    static Ask withdraw(final String accountId, final String key, final long amount) {
        return new Ask(CommandType.WITHDRAW, accountId, key, "", amount, "");
    }

    static Ask limit(final String accountId, final String key, final long limit) {
        return new Ask(CommandType.SET_CREDIT_LIMIT, accountId, key, "", limit, "");
    }

    Ask withReference(final String other) {
        return new Ask(type, accountId, key, currency, amount, other);
    }

    Ask withKey(final String other) {
        return new Ask(type, accountId, other, currency, amount, reference);
    }

    Ask withAccount(final String other) {
        return new Ask(type, other, key, currency, amount, reference);
    }

    Ask withAmount(final long other) {
        return new Ask(type, accountId, key, currency, other, reference);
    }

    Ask withCurrency(final String other) {
        return new Ask(type, accountId, key, other, amount, reference);
    }

    /** Another type with as much of the content as that type has. */
    Ask withType(final CommandType other) {
        final boolean isTransaction = other == CommandType.CREDIT || other == CommandType.WITHDRAW;
        return new Ask(
                other,
                accountId,
                key,
                other == CommandType.OPEN_ACCOUNT ? "EUR" : "",
                isTransaction ? Math.max(1, amount) : amount,
                isTransaction ? reference : "");
    }

    /** The main code's command for it. */
    Command into(final Command command) {
        return switch (type) {
            case OPEN_ACCOUNT ->
                command.openAccount(accountId, key, CurrencyCode.pack(currency), amount);
            case CREDIT -> command.credit(accountId, key, amount, reference);
            case WITHDRAW -> command.withdraw(accountId, key, amount, reference);
            case SET_CREDIT_LIMIT -> command.setCreditLimit(accountId, key, amount);
            case NULL_VAL -> throw new IllegalArgumentException("ask without a type");
        };
    }
}
