package io.ringledger.simulation;

import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.simulation.LogEvent.Content;

/** What a client asks for. */
record Ask(String accountId, String key, Content content) {
    /** The command, in its production form. */
    Command toCommand() {
        final Command command = new Command();
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
