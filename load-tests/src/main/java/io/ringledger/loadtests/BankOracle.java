package io.ringledger.loadtests;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a ledger must make of a transactions file: computed by itself, in one thread, without HTTP.
 * The replay does not use it; tests hold the replay and the service against it.
 *
 * @param refusedTransactionIds the withdrawals that must be refused, in the file's order
 * @param balanceByAccountNumber the exact balances in the end, minor units
 * @param balanceSumMinor the sum of all of them
 * @param maxBankDifferenceMinor the largest difference from the balance that the bank recorded, as
 *     long as everything of an account was accepted
 */
public record BankOracle(
        Set<String> refusedTransactionIds,
        Map<String, Long> balanceByAccountNumber,
        long balanceSumMinor,
        long maxBankDifferenceMinor) {

    /** Goes through the transactions in order, every account with the same credit limit. */
    public static BankOracle of(
            final List<BankTransaction> transactions, final long creditLimitMinor) {
        final Map<String, Long> balances = new HashMap<>();
        final Set<String> accountsWithRefusal = new LinkedHashSet<>();
        final Set<String> refused = new LinkedHashSet<>();
        long maxDifference = 0;
        for (final BankTransaction t : transactions) {
            final String account = t.accountNumber();
            balances.putIfAbsent(account, 0L);
            final long before = balances.get(account);
            final long after = switch (t.type()) {
                case CREDIT -> Math.addExact(before, t.amountMinor());
                case WITHDRAW -> Math.subtractExact(before, t.amountMinor());
            };
            final boolean isWithdrawal = t.type() == BankTransaction.Type.WITHDRAW;
            if (isWithdrawal && after < -creditLimitMinor) {
                refused.add(t.transactionId());
                accountsWithRefusal.add(account);
                continue;
            }
            balances.put(account, after);
            if (!accountsWithRefusal.contains(account)) {
                maxDifference = Math.max(maxDifference, Math.abs(after - t.bankBalanceMinor()));
            }
        }
        long sum = 0;
        for (final long balance : balances.values()) {
            sum = Math.addExact(sum, balance);
        }
        return new BankOracle(refused, balances, sum, maxDifference);
    }
}
