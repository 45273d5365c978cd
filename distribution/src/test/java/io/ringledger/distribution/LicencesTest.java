package io.ringledger.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the licences of a library do to the build. */
final class LicencesTest {
    private static final Path POLICY =
            Path.of(System.getProperty("ringledger.root", ".."), "distribution/licences.txt");

    @TempDir
    private Path folder;

    @Test
    void shouldListWhatIsAllowed() throws Exception {
        assertThat(Distribution.licences(
                        List.of(
                                library("b", "Apache-2.0"),
                                library("a", "the apache software license, version 2.0"),
                                library("c", "MIT")),
                        LicencePolicy.read(POLICY)))
                .contains("## Apache-2.0\n\n- g:b:1\n- g:a:1\n", "## MIT\n\n- g:c:1\n");
    }

    @Test
    void shouldTakeTheAllowedOneOfSeveral() throws Exception {
        final LicencePolicy policy = LicencePolicy.read(POLICY);
        assertThat(policy.choose(
                        library("logback", "EPL-1.0", "GNU Lesser General Public License")))
                .containsExactly("EPL-1.0");
        assertThat(policy.choose(library("vertx", "Apache-2.0", "EPL-2.0")))
                .containsExactly("Apache-2.0", "EPL-2.0");
    }

    @Test
    void shouldRefuseEveryOtherOneAndNameAllOfThem() throws Exception {
        final LicencePolicy policy = LicencePolicy.read(POLICY);
        assertThatThrownBy(() -> Distribution.licences(
                        List.of(
                                library("lgpl", "LGPL-2.1-only"),
                                library("gpl", "GPL-3.0-only"),
                                library("agpl", "Apache-2.0", "AGPL-3.0-only"),
                                library("source", "Business Source License 1.1"),
                                library("nothing"),
                                library("fine", "MIT")),
                        policy))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll(
                        "g:lgpl:1: offers no allowed licence",
                        "g:gpl:1: unknown licence 'GPL-3.0-only'",
                        "g:agpl:1: unknown licence 'AGPL-3.0-only'",
                        "g:source:1: unknown licence",
                        "g:nothing:1: names no licence")
                .hasMessageNotContaining("fine");
    }

    @Test
    void shouldRefuseAPolicyThatItDoesNotUnderstand() throws IOException {
        final Path policy = folder.resolve("licences.txt");
        for (final String line :
                List.of("permitted MIT", "allowed", "allowed MIT | mit", "allowed MIT X11")) {
            Files.writeString(policy, line + "\n");
            assertThatThrownBy(() -> LicencePolicy.read(policy))
                    .as(line)
                    .isInstanceOf(RefusedException.class);
        }
    }

    private static Component library(final String name, final String... licences) {
        return new Component("g", name, "1", "", List.of(licences));
    }
}
