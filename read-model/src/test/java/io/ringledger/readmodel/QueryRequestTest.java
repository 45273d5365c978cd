package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringledger.kit.ProblemException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QueryRequestTest {
    private static final String LONGEST_ID = "a".repeat(64);
    private static final String CURSOR = EntriesCursor.encode("a", 42);

    @Test
    void shouldReadEveryQuery() throws ProblemException {
        assertThat(parse("/v1/accounts/a")).isEqualTo(query(QueryRoute.ACCOUNT, "a", null));
        assertThat(parse("/v1/accounts/a/balance")).isEqualTo(query(QueryRoute.BALANCE, "a", null));
        assertThat(parse("/v1/accounts/a/creditLimit"))
                .isEqualTo(query(QueryRoute.CREDIT_LIMIT, "a", null));
        assertThat(parse("/v1/accounts/a/entries")).isEqualTo(query(QueryRoute.ENTRIES, "a", null));
    }

    @Test
    void shouldReadEveryAccountId() throws ProblemException {
        for (final String id : new String[] {"A-z_9.:", LONGEST_ID, ".", "..", "-", "balance"}) {
            assertThat(parse("/v1/accounts/" + id).accountId()).isEqualTo(id);
        }
        assertThat(parse("/v1/accounts/a%3Ab/balance").accountId()).isEqualTo("a:b");
        assertThat(parse("/v1/accounts/%61").accountId()).isEqualTo("a");
    }

    @Test
    void shouldReadEveryParameter() throws ProblemException {
        final LogPosition after = new LogPosition(3, 184_467);
        assertThat(parse("/v1/accounts/a?after=3-184467"))
                .isEqualTo(query(QueryRoute.ACCOUNT, "a", after));
        assertThat(parse("/v1/accounts/a?after=3%2D184467").after()).isEqualTo(after);
        assertThat(parse("/v1/accounts/a/entries?cursor=" + CURSOR + "&limit=7&after=3-184467"))
                .isEqualTo(new QueryRequest(QueryRoute.ENTRIES, "a", after, 7, 42));
        assertThat(parse("/v1/accounts/a/entries?limit=1000").limit()).isEqualTo(1000);
        assertThat(parse("/v1/accounts/a/balance?").after()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/, route_not_found",
        "/v1, route_not_found",
        "/v1/accounts/, route_not_found",
        "/v1/account/a, route_not_found",
        "/v2/accounts/a, route_not_found",
        "/V1/accounts/a, route_not_found",
        "//v1/accounts/a, route_not_found",
        "/v1/accounts/a/, route_not_found",
        "/v1/accounts/a/Balance, route_not_found",
        "/v1/accounts/a/balance/, route_not_found",
        "/v1/accounts/a//balance, route_not_found",
        "/v1/accounts/a/balance%20, route_not_found",
        "/v1/accounts/a/b/balance, route_not_found",
        "/v1/accounts, method_not_allowed",
        "/v1/batches, method_not_allowed",
        "/v1/accounts/a/credit, method_not_allowed",
        "/v1/accounts/a/withdraw, method_not_allowed",
        "/v1/accounts//balance, invalid_account_id",
        "/v1/accounts/@world.CZK.0, invalid_account_id",
        "/v1/accounts/%40world.CZK.0/balance, invalid_account_id",
        "/v1/accounts/a%2Fb, invalid_account_id",
        "/v1/accounts/a%00, invalid_account_id",
        "/v1/accounts/a%, invalid_account_id",
        "/v1/accounts/a%zz, invalid_account_id",
        "/v1/accounts/a%C0%AF, invalid_account_id",
        "/v1/accounts/a%20b, invalid_account_id",
        "/v1/accounts/a+b, invalid_account_id",
        "/v1/accounts/a;b=c, invalid_account_id",
        "/v1/accounts/a' OR '1'='1, invalid_account_id",
        "/v1/accounts/\u00e9, invalid_account_id",
        "/v1/accounts/a?x=1, invalid_parameter",
        "/v1/accounts/a?x, invalid_parameter",
        "/v1/accounts/a?&, invalid_parameter",
        "/v1/accounts/a?after=0-1&, invalid_parameter",
        "/v1/accounts/a?=0-1, invalid_parameter",
        "/v1/accounts/a?After=0-1, invalid_parameter",
        "/v1/accounts/a?%61fter=0-1, invalid_parameter",
        "/v1/accounts/a?after, invalid_parameter",
        "/v1/accounts/a?after=, invalid_parameter",
        "/v1/accounts/a?after=0, invalid_parameter",
        "/v1/accounts/a?after=%, invalid_parameter",
        "/v1/accounts/a?after=0-1%00, invalid_parameter",
        "/v1/accounts/a?after=0-1=2, invalid_parameter",
        "/v1/accounts/a?after=0-1?, invalid_parameter",
        "/v1/accounts/a?after=0-1;limit=1, invalid_parameter",
        "/v1/accounts/a?after=0-1&after=0-1, invalid_parameter",
        "/v1/accounts/a?after=40000-1, invalid_parameter",
        "/v1/accounts/a?limit=1, invalid_parameter",
        "/v1/accounts/a/balance?cursor=x, invalid_parameter",
        "/v1/accounts/a/entries?limit=0, invalid_parameter",
        "/v1/accounts/a/entries?limit=1001, invalid_parameter",
        "/v1/accounts/a/entries?limit=-1, invalid_parameter",
        "/v1/accounts/a/entries?limit=+1, invalid_parameter",
        "/v1/accounts/a/entries?limit=01, invalid_parameter",
        "/v1/accounts/a/entries?limit=1.0, invalid_parameter",
        "/v1/accounts/a/entries?limit=1e2, invalid_parameter",
        "/v1/accounts/a/entries?limit=4294967297, invalid_parameter",
        "/v1/accounts/a/entries?limit=, invalid_parameter",
        "/v1/accounts/a/entries?limit=1&limit=2, invalid_parameter",
        "/v1/accounts/a/entries?cursor=, invalid_parameter",
        "/v1/accounts/a/entries?cursor=AAAAAAAAAAAAAAAAAAAAAAAA, invalid_parameter",
        "/v1/accounts/a/entries?offset=1, invalid_parameter"
    })
    void shouldRefuseEveryOtherTarget(final String target, final String code) {
        assertThat(refusal("GET", target)).isEqualTo(code);
    }

    @Test
    void shouldRefuseIdsAndCursorsThatAreTooLong() {
        assertThat(refusal("GET", "/v1/accounts/" + LONGEST_ID + "a"))
                .isEqualTo("invalid_account_id");
        assertThat(refusal("GET", "/v1/accounts/a/entries?cursor=" + "A".repeat(1500)))
                .isEqualTo("invalid_parameter");
        // Valid, but of account "a".
        assertThat(refusal("GET", "/v1/accounts/b/entries?cursor=" + CURSOR))
                .isEqualTo("invalid_parameter");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/accounts/a, method_not_allowed",
        "HEAD, /v1/accounts/a/balance, method_not_allowed",
        "DELETE, /v1/accounts/a/creditLimit, method_not_allowed",
        "get, /v1/accounts/a, method_not_allowed",
        "PUT, /v1/accounts/a/creditLimit, route_not_found",
        "POST, /v1/accounts/a/credit, route_not_found",
        "POST, /v1/accounts, route_not_found",
        "PATCH, /v1/accounts, method_not_allowed"
    })
    void shouldAnswerQueriesOnly(final String method, final String target, final String code) {
        assertThat(refusal(method, target)).isEqualTo(code);
    }

    private static QueryRequest query(
            final QueryRoute route, final String accountId, final @Nullable LogPosition after) {
        return new QueryRequest(route, accountId, after, 100, Long.MAX_VALUE);
    }

    private static QueryRequest parse(final String target) throws ProblemException {
        return parse("GET", target);
    }

    private static QueryRequest parse(final String method, final String target)
            throws ProblemException {
        final int mark = target.indexOf('?');
        return mark < 0
                ? QueryRequest.parse(method, target, null)
                : QueryRequest.parse(method, target.substring(0, mark), target.substring(mark + 1));
    }

    private static String refusal(final String method, final String target) {
        final ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> parse(method, target));
        return refused == null ? "accepted" : refused.problem().code().wireName();
    }
}
