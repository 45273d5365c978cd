package io.ringledger.simulation;

import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.simulation.LogEvent.Content;

/** What a client asks for. */
record Ask(String accountId, String key, Content content) {
    /** One of so many keys is asked by a client that is traced; whoever asks again with it is too. */
    private static final int ONE_TRACED_OF = 4;

    /** The command, in its production form. */
    Command toCommand() {
        final Command command = set(new Command());
        final long number = accountId.hashCode() * 31L + key.hashCode();
        return Math.floorMod(number, ONE_TRACED_OF) == 0
                ? command.trace(number, ~number, number | 1)
                : command;
    }

    private Command set(final Command command) {
        return switch (content.type()) {
            case LogEvent.OPEN ->
                command.openAccount(
                        accountId, key, CurrencyCode.pack(content.currency()), content.amount());
            case LogEvent.CREDIT ->
                command.credit(accountId, key, content.amount(), content.reference());
            case LogEvent.WITHDRAW ->
                command.withdraw(accountId, key, content.amount(), content.reference());
            default -> command.setCreditLimit(accountId, key, content.amount());
        };
    }
}
