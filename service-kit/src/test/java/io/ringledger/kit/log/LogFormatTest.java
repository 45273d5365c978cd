package io.ringledger.kit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;

import io.ringledger.kit.Settings;
import io.ringledger.kit.SettingsException;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the processes' own logback.xml makes of an event. */
final class LogFormatTest {
    private static final String FORGED = "2026-11-21T10:00:00.000Z ERROR main Ledger all is lost";

    /** Gives each event to the encoder of the console, and keeps the last one's bytes. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final Encoder<ILoggingEvent> encoder;
        private String last = "";

        Lines(final Encoder<ILoggingEvent> encoder) {
            this.encoder = encoder;
        }

        @Override
        protected void append(final ILoggingEvent event) {
            last = new String(encoder.encode(event), StandardCharsets.UTF_8);
        }
    }

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("io.ringledger.test.Subject");

    private Lines configured(final String format) throws Exception {
        context.putProperty("RINGLEDGER_LOG_FORMAT", format);
        context.putProperty("service", "ledger");
        final URL configuration = Logs.class.getResource("/logback.xml");
        final JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(configuration));
        final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        final ConsoleAppender<ILoggingEvent> console =
                (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
        root.detachAppender(console);
        final Lines lines = new Lines(console.getEncoder());
        lines.setContext(context);
        lines.start();
        root.addAppender(lines);
        return lines;
    }

    @Test
    void shouldWriteOneObjectALineWithFieldsAtTheTop() throws Exception {
        final Lines lines = configured("json");
        logger.atInfo()
                .addKeyValue("correlationId", "0af7651916cd43dd8448eb211c80319c")
                .addKeyValue("status", 503)
                .log("request {}", "done");
        assertThat(lines.last).endsWith("\n").containsOnlyOnce("\n");
        final JsonObject line = new JsonObject(lines.last);
        assertThat(Instant.parse(line.getString("time"))).isBefore(Instant.now().plusSeconds(1));
        assertThat(line.getString("level")).isEqualTo("INFO");
        assertThat(line.getString("logger")).isEqualTo("io.ringledger.test.Subject");
        assertThat(line.getString("thread")).isEqualTo(Thread.currentThread().getName());
        assertThat(line.getString("service")).isEqualTo("ledger");
        assertThat(line.getString("message")).isEqualTo("request done");
        assertThat(line.getString("correlationId")).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(line.getInteger("status")).isEqualTo(503);
        assertThat(line.containsKey("throwable")).isFalse();
    }

    @Test
    void shouldBoundAThrowable() throws Exception {
        final Lines lines = configured("json");
        Throwable deep = new IllegalStateException("x".repeat(100_000));
        for (int i = 0; i < 500; i++) {
            deep = new IllegalStateException("cause " + i, deep);
        }
        logger.error("fault", deep);
        final String throwable = new JsonObject(lines.last).getString("throwable");
        assertThat(throwable).startsWith("java.lang.IllegalStateException: cause 499");
        assertThat(throwable.length()).isBetween(1_000, 8_192);
        assertThat(lines.last).hasSizeLessThan(20_000).containsOnlyOnce("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "text"})
    void shouldNotLetAValueForgeALine(final String format) throws Exception {
        final Lines lines = configured(format);
        for (final String end : List.of("\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029")) {
            final String value = "a" + end + FORGED;
            logger.atWarn()
                    .setCause(new IllegalStateException(value, new IllegalStateException(value)))
                    .addKeyValue("key", value)
                    .log("{}", value);
            assertThat(lines.last.lines().filter(line -> line.startsWith("2026-11-21T10")))
                    .as(lines.last)
                    .isEmpty();
            assertThat(lines.last.lines().filter(line -> !line.startsWith("    ")))
                    .as(lines.last)
                    .hasSize(1);
            assertThat(lines.last).contains("all is lost");
        }
    }

    @Test
    void shouldWriteTextForATerminal() throws Exception {
        final Lines lines = configured("text");
        logger.atInfo().addKeyValue("correlationId", "0af7").log("request");
        assertThat(lines.last)
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  \\S+ Subject request"
                                + " correlationId=0af7\n");
        logger.error("fault", new IllegalStateException("cause"));
        assertThat(lines.last)
                .contains("Subject fault\n    java.lang.IllegalStateException: cause\n    \tat ");
    }

    @Test
    void shouldRefuseAFormatThatThereIsNot() {
        assertThatThrownBy(
                        () -> Settings.read(Map.of("RINGLEDGER_LOG_FORMAT", "JSON"), Logs.SETTINGS))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("RINGLEDGER_LOG_FORMAT")
                .hasMessageContaining("text, json");
    }
}
