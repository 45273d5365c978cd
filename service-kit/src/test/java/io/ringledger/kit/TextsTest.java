package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Currency;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

final class TextsTest {
    @Test
    void shouldAllowTheCharactersOfTokensAndNoOthers() {
        final String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
        for (char c = 0; c < Character.MAX_VALUE; c++) {
            assertThat(Texts.isToken(String.valueOf(c)))
                    .as("character %d", (int) c)
                    .isEqualTo(allowed.indexOf(c) >= 0);
        }
        assertThat(Texts.isToken("")).isFalse();
        assertThat(Texts.isToken("a".repeat(64))).isTrue();
        assertThat(Texts.isToken("a".repeat(65))).isFalse();
        assertThat(Texts.isToken("/v1/x/y", 4, 5)).isTrue();
        assertThat(Texts.isToken("/v1/x/y", 4, 6)).isFalse();
    }

    @Test
    void shouldCountAReferenceInCodePoints() {
        assertThat(Texts.referenceError("😀".repeat(256))).isNull();
        assertThat(Texts.referenceError("😀".repeat(257))).contains("at most 256");
        assertThat(Texts.referenceError("a".repeat(256))).isNull();
        assertThat(Texts.referenceError("a".repeat(257))).contains("at most 256");
        assertThat(Texts.referenceError("Ünïcode, 漢字")).isNull();
    }

    @Test
    void shouldRefuseReferencesThatAreNoText() {
        assertThat(Texts.referenceError("")).contains("empty");
        assertThat(Texts.referenceError("a\u0000b")).contains("control");
        assertThat(Texts.referenceError("a\nb")).contains("control");
        assertThat(Texts.referenceError("a\u007Fb")).contains("control");
        assertThat(Texts.referenceError("a\u0085b")).contains("control");
        assertThat(Texts.referenceError("a\uD83D")).contains("Unicode");
        assertThat(Texts.referenceError("\uDE00a")).contains("Unicode");
        assertThat(Texts.referenceError("\uD83D\uD83D\uDE00")).contains("Unicode");
    }

    @Test
    void shouldMakeForeignTextPresentable() {
        assertThat(Texts.presentable("a\uD83Db\u0000😀", 100)).isEqualTo("a\uFFFDb\uFFFD😀");
        assertThat(Texts.presentable("abc", 2)).isEqualTo("ab...");
        assertThat(Texts.presentable("a😀", 2)).isEqualTo("a\uFFFD...");
    }

    @Test
    void shouldKnowTheCurrenciesAsTheJdkDoes() {
        for (final Map.Entry<String, Integer> entry : Currencies.table().entrySet()) {
            assertThat(Currency.getInstance(entry.getKey()).getDefaultFractionDigits())
                    .as(entry.getKey())
                    .isEqualTo(entry.getValue());
        }
    }

    @Test
    void shouldKnowTheCurrencyOfEveryCountry() {
        final Set<String> inUse = new HashSet<>();
        for (final String country : Locale.getISOCountries()) {
            final Currency currency = Currency.getInstance(Locale.of("", country));
            if (currency != null) {
                inUse.add(currency.getCurrencyCode());
            }
        }
        // Replaced by the euro in January 2026, by XCG in 2025, by ZWG in 2024: the JDK follows.
        inUse.removeAll(Set.of("BGN", "ANG", "ZWL"));
        assertThat(Currencies.table().keySet()).containsAll(inUse);
    }

    @Test
    void shouldRefuseCodesThatAreNoCurrencyOfMinorUnits() {
        for (final String code :
                new String[] {"", "eur", "EU", "EURO", "XXX", "XTS", "XAU", "XDR", "DEM", "HRK"}) {
            assertThat(Currencies.isCode(code)).as(code).isFalse();
        }
        assertThat(Currencies.exponentOf("CZK")).isEqualTo(2);
        assertThat(Currencies.exponentOf("JPY")).isZero();
    }
}
