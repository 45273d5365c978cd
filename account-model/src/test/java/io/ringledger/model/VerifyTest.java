package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;

/** The check of the whole state notices what no event can bring about. */
class VerifyTest {
    private static final int WORLD = 0;
    private static final int ACCOUNT = 1;

    @Test
    void shouldNoticeMoneyFromNowhere() throws ReflectiveOperationException {
        final AccountModel model = model();
        final Accounts accounts = accounts(model);
        accounts.balance(ACCOUNT, accounts.balance(ACCOUNT) + 1);
        assertThatThrownBy(model::verify)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("balances do not sum to zero");
    }

    @Test
    void shouldNoticeABalanceThatHasPassedItsLimit() throws ReflectiveOperationException {
        final AccountModel model = model();
        final Accounts accounts = accounts(model);
        accounts.balance(ACCOUNT, -51);
        accounts.balance(WORLD, 51);
        assertThatThrownBy(model::verify)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("credit limit passed: 1, -1");
    }

    private static AccountModel model() {
        try (TestLedger ledger = new TestLedger(ModelContext.small(1))) {
            ledger.submit(Ask.open("A", "k0", "EUR", 50), 1);
            ledger.submit(Ask.credit("A", "k1", 100), 1);
            ledger.model().verify();
            return ledger.model();
        }
    }

    private static Accounts accounts(final AccountModel model) throws ReflectiveOperationException {
        final Field field = AccountModel.class.getDeclaredField("accounts");
        field.setAccessible(true);
        return (Accounts) field.get(model);
    }
}
