package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.consumer.ConsumerRoles;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.auth.AuthOptions;
import io.ringledger.kit.log.Logs;
import io.ringledger.kit.tls.TlsOptions;
import io.ringledger.kit.trace.TraceOptions;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.readmodel.ReadModelService;
import io.ringledger.readmodel.ViewRolesMain;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** docs/configuration.md says what the processes read. */
final class ConfigurationDocTest {
    @Test
    void shouldListEverySettingOfEveryProcess() throws Exception {
        final List<Setting<?>> consumer = new ArrayList<>(ConsumerRoles.SETTINGS);
        consumer.addAll(HttpEdgeOptions.SETTINGS);
        consumer.addAll(TlsOptions.SETTINGS);
        consumer.addAll(AuthOptions.SETTINGS);
        consumer.addAll(Logs.SETTINGS);
        consumer.addAll(TraceOptions.SETTINGS);
        final String expected = """
                # Configuration

                Every process reads its settings from its environment, checks all of them at its start,
                refuses what is wrong or unknown with one message that names everything, and prints what
                is in force, without secrets. AWS credentials and the region come from where the AWS SDK
                looks for them (environment, container, instance).

                `./ringledger up` sets what it must and leaves the rest at these defaults.

                ## ledger

                """
                + Settings.markdownTable(LedgerProcess.declarations())
                + "\n## kinesis-consumer\n\n"
                + Settings.markdownTable(consumer)
                + "\n## read-model\n\n"
                + Settings.markdownTable(ReadModelService.declarations())
                + "\n## database-roles\n\n"
                + "Makes the roles of the other two and ends; user and password are an"
                + " administrator's.\n\n"
                + Settings.markdownTable(ViewRolesMain.declarations());
        final Path written = Stacks.root().resolve("system-tests/target/configuration.md");
        Files.writeString(written, expected);
        assertThat(Files.readString(Stacks.root().resolve("docs/configuration.md")))
                .as("docs/configuration.md is out of date, copy " + written)
                .isEqualTo(expected);
    }
}
