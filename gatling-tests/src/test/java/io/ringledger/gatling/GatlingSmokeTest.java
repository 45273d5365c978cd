package io.ringledger.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Every simulation against the real stack, for a moment: that all is right, not how fast it is. */
final class GatlingSmokeTest {
    @TempDir
    private Path folder;

    @Test
    void shouldFindEveryBalanceRight() throws IOException {
        assertThat(GatlingMain.run("--smoke", "--results", folder.toString())).isZero();
        final String report = Files.readString(folder.resolve("results.md"));
        for (final Kind kind : Kind.values()) {
            assertThat(report).contains("## " + kind.label());
        }
        assertThat(report).contains("balances as acknowledged").doesNotContain("No figures");
    }
}
