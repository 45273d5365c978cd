package io.ringledger.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** This module has no parent: that its versions are the project's is held here. */
final class BuildTest {
    private static final Pattern VERSION = Pattern.compile("<([a-z-]+)\\.version>([^<]+)<");

    @Test
    void shouldUseTheVersionsOfTheProject() throws IOException {
        final Path root = Path.of(System.getProperty("ringledger.root"));
        final Map<String, String> project = versions(root.resolve("pom.xml"));
        final Map<String, String> own = versions(root.resolve("gatling-tests/pom.xml"));
        assertThat(own.remove("gatling")).isNotNull();
        assertThat(own).isNotEmpty();
        assertThat(project).containsAllEntriesOf(own);
    }

    private static Map<String, String> versions(final Path pom) throws IOException {
        final Map<String, String> versions = new HashMap<>();
        final Matcher matcher = VERSION.matcher(Files.readString(pom));
        while (matcher.find()) {
            versions.put(matcher.group(1), matcher.group(2));
        }
        return versions;
    }
}
