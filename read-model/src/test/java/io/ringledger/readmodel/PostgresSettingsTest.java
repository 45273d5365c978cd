package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.Settings;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.Map;

final class PostgresSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql://db.example:6432/views, db.example, 6432, views,"
                + " jdbc:postgresql://db.example:6432/views",
        "postgresql://127.0.0.1/ringledger, 127.0.0.1, 5432, ringledger,"
                + " jdbc:postgresql://127.0.0.1:5432/ringledger",
        "postgresql://[::1]:5433/a_b-c.d, ::1, 5433, a_b-c.d,"
                + " jdbc:postgresql://[::1]:5433/a_b-c.d"
    })
    void shouldReadTheUri(
            final String uri,
            final String host,
            final int port,
            final String database,
            final String jdbcUrl) {
        final PostgresSettings settings = read(uri);

        assertThat(settings)
                .isEqualTo(new PostgresSettings(host, port, database, "u", "secret", null));
        assertThat(settings.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(settings.connectOptions().getHost()).isEqualTo(host);
        assertThat(settings.connectOptions().getDatabase()).isEqualTo(database);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:5432/ringledger",
                "postgresql:///ringledger",
                "postgresql:ringledger",
                "postgresql://127.0.0.1:5432",
                "postgresql://127.0.0.1:5432/",
                "postgresql://127.0.0.1:5432/a/b",
                "postgresql://u:p@127.0.0.1:5432/ringledger",
                "postgresql://127.0.0.1:5432/ringledger?sslmode=disable",
                "postgresql://127.0.0.1:5432/ringledger#x"
            })
    void shouldRefuseEveryOtherUri(final String uri) {
        assertThatThrownBy(() -> read(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("RINGLEDGER_POSTGRES_URI must be postgresql://host:port/database");
    }

    @Test
    void shouldNeverShowThePassword() {
        assertThat(read("postgresql://127.0.0.1/ringledger"))
                .hasToString("postgresql://u@127.0.0.1:5432/ringledger");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.9.8.7", "localhost", "[::1]"})
    void shouldNeedNoTlsOnThisMachine(final String host) {
        assertThat(read("postgresql://" + host + "/views", null).caFile()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"db.example", "10.0.0.5", "127.example", "localhost.example", "[::2]"})
    void shouldNotSendPlainTextElsewhereUnlessThatIsSaid(final String host) {
        assertThatThrownBy(() -> read("postgresql://" + host + "/views", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("RINGLEDGER_POSTGRES_CA must be set");
        assertThat(read("postgresql://" + host + "/views", "none").caFile()).isNull();
    }

    @Test
    void shouldRefuseAFileThatIsNotThere() {
        assertThatThrownBy(() -> read("postgresql://db.example/views", "/not/there.pem"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "RINGLEDGER_POSTGRES_CA is not a file that can be read: /not/there.pem");
    }

    private static PostgresSettings read(final String uri) {
        return read(uri, "none");
    }

    private static PostgresSettings read(final String uri, final @Nullable String ca) {
        final Map<String, String> environment = new HashMap<>(Map.of(
                "RINGLEDGER_POSTGRES_URI", uri,
                "RINGLEDGER_POSTGRES_USER", "u",
                "RINGLEDGER_POSTGRES_PASSWORD", "secret"));
        if (ca != null) {
            environment.put("RINGLEDGER_POSTGRES_CA", ca);
        }
        return PostgresSettings.from(Settings.read(environment, PostgresSettings.declarations()));
    }
}
