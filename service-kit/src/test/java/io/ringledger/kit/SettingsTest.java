package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.net.URI;
import java.util.List;
import java.util.Map;

final class SettingsTest {
    private enum Mode {
        FAST,
        SAFE
    }

    private static final Setting<Integer> PORT =
            Setting.ofInt("RINGLEDGER_PORT", 8080, "", 0, 65_535, "port to listen on");
    private static final Setting<Long> LIMIT =
            Setting.ofLong("RINGLEDGER_LIMIT", 10, "bytes", 1, 100, "bytes of a body");
    private static final Setting<Mode> MODE =
            Setting.ofChoice("RINGLEDGER_MODE", Mode.SAFE, "how it runs");
    private static final Setting<URI> ENDPOINT =
            Setting.ofUri("RINGLEDGER_ENDPOINT", null, "where the stream is");
    private static final Setting<String> PASSWORD =
            Setting.ofSecret("RINGLEDGER_PASSWORD", null, "password of the database");
    private static final List<Setting<?>> ALL = List.of(PORT, LIMIT, MODE, ENDPOINT, PASSWORD);

    @Test
    void shouldReadWhatIsSetAndTakeDefaultsForTheRest() {
        final Settings settings = Settings.read(
                Map.of(
                        "RINGLEDGER_PORT", "9000",
                        "RINGLEDGER_MODE", "fast",
                        "RINGLEDGER_ENDPOINT", "http://127.0.0.1:4567",
                        "RINGLEDGER_PASSWORD", "hunter2",
                        "HOME", "/home/someone"),
                ALL);

        assertThat(settings.get(PORT)).isEqualTo(9000);
        assertThat(settings.get(LIMIT)).isEqualTo(10);
        assertThat(settings.get(MODE)).isEqualTo(Mode.FAST);
        assertThat(settings.get(ENDPOINT)).isEqualTo(URI.create("http://127.0.0.1:4567"));
        assertThat(settings.get(PASSWORD)).isEqualTo("hunter2");
        assertThat(settings.lines())
                .contains("RINGLEDGER_PASSWORD=****", "RINGLEDGER_LIMIT=10 bytes")
                .noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void shouldRefuseWithEveryErrorInOneMessage() {
        final Map<String, String> environment = Map.of(
                "RINGLEDGER_PORT", "70000",
                "RINGLEDGER_LIMIT", "ten",
                "RINGLEDGER_MODE", "FAST",
                "RINGLEDGER_ENDPOINT", "nowhere",
                "RINGLEDGER_PORTS", "1");

        assertThatThrownBy(() -> Settings.read(environment, ALL))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("6 errors")
                .hasMessageContaining("RINGLEDGER_PORT=70000: must be a whole number from 0")
                .hasMessageContaining("RINGLEDGER_LIMIT=ten: must be a whole number from 1 to 100")
                .hasMessageContaining("RINGLEDGER_MODE=FAST: must be one of fast, safe")
                .hasMessageContaining("RINGLEDGER_ENDPOINT=nowhere: must be an absolute URI")
                .hasMessageContaining("RINGLEDGER_PASSWORD is not set and has no default")
                .hasMessageContaining("RINGLEDGER_PORTS is not a setting of this process, did you"
                        + " mean RINGLEDGER_PORT?");
    }

    /** One of another service is no slip of the pen. */
    @Test
    void shouldSuggestOnlyWhatIsNear() {
        assertThatThrownBy(() -> Settings.read(
                        Map.of("RINGLEDGER_PASSWORD", "p", "RINGLEDGER_QUERY_POOL_SIZE", "4"), ALL))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("RINGLEDGER_QUERY_POOL_SIZE is not a setting of this process")
                .message()
                .doesNotContain("did you");
    }

    @Test
    void shouldNotShowASecretThatIsRefused() {
        final Map<String, String> environment =
                Map.of("RINGLEDGER_ENDPOINT", "http://h", "RINGLEDGER_PASSWORD", " hunter2");

        assertThatThrownBy(() -> Settings.read(environment, ALL))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("RINGLEDGER_PASSWORD=****")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void shouldRenderTheTableOfTheDocumentation() {
        assertThat(Settings.markdownTable(List.of(LIMIT, ENDPOINT))).isEqualTo("""
                        | name | default | unit | allowed | what it is or bounds |
                        | --- | --- | --- | --- | --- |
                        | `RINGLEDGER_LIMIT` | `10` | bytes | 1 to 100 | bytes of a body |
                        | `RINGLEDGER_ENDPOINT` | must be set |  | absolute URI | where the stream is |
                        """);
    }

    @Test
    void shouldAcceptASettingThatIsDeclaredTwiceOnlyIfItIsTheSame() {
        final Setting<Integer> same =
                Setting.ofInt("RINGLEDGER_PORT", 8080, "", 0, 65_535, "port to listen on");
        final Setting<Integer> other =
                Setting.ofInt("RINGLEDGER_PORT", 8081, "", 0, 65_535, "port to listen on");

        assertThat(Settings.read(Map.of(), List.of(PORT, same)).get(same)).isEqualTo(8080);
        assertThatThrownBy(() -> Settings.read(Map.of(), List.of(PORT, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RINGLEDGER_PORT");
    }
}
