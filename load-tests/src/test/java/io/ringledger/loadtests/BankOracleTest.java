package io.ringledger.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;

/** What the bank's own file must give, as {@code load-tests/data/README.md} says. */
class BankOracleTest {
    private static List<BankTransaction> transactions = List.of();

    @BeforeAll
    static void readFile() throws Exception {
        transactions = TransactionFile.read(BankFile.path());
    }

    @Test
    void shouldHoldTheWholeFile() {
        assertThat(transactions).hasSize(36_883);
        assertThat(TransactionFile.byAccount(transactions)).hasSize(925);
    }

    @Test
    void shouldAcceptEverythingWithACreditLimitOf600000() {
        final BankOracle oracle = BankOracle.of(transactions, 600_000);

        assertThat(oracle.refusedTransactionIds()).isEmpty();
        assertThat(oracle.balanceSumMinor()).isEqualTo(2_951_145_530L);
        assertThat(oracle.maxBankDifferenceMinor()).isEqualTo(80);
        assertThat(oracle.balanceByAccountNumber()).hasSize(925);
    }

    @Test
    void shouldAcceptEverythingDownToTheDeepestBalanceAndNotOneLess() {
        assertThat(BankOracle.of(transactions, 544_660).refusedTransactionIds()).isEmpty();
        assertThat(BankOracle.of(transactions, 544_659).refusedTransactionIds()).hasSize(1);
    }

    @Test
    void shouldRefuse21WithdrawalsWithoutACreditLimit() {
        final BankOracle oracle = BankOracle.of(transactions, 0);

        assertThat(oracle.refusedTransactionIds()).hasSize(21);
        assertThat(oracle.balanceSumMinor()).isEqualTo(2_970_629_560L);
        assertThat(oracle.balanceByAccountNumber().values())
                .allSatisfy(balance -> assertThat(balance).isNotNegative());
    }
}
