package io.ringledger.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** What may go into {@code dist/}, on a small project made up for it. */
final class DistributionTest {
    private static final String VERSION = "1";

    @TempDir
    private Path root;

    @BeforeEach
    void build() throws Exception {
        write("distribution/licences.txt", "allowed MIT\n");
        write("distribution/src/dist/bin/ringledger", "#!/bin/sh\n");
        write("distribution/src/dist/jvm/all.args", "# none\n");
        write("distribution/target/bom.json", "{}");
        write("repository/lib-2.jar", "lib");
        for (final String service : Distribution.SERVICES) {
            write(service + "/target/" + service + "-1.jar", service);
            write(service + "/target/classpath.txt", root.resolve("repository/lib-2.jar") + "\n");
        }
        bill("MIT", "lib");
    }

    @Test
    void shouldPutEachJarOnceAndEachClassPathInItsOrder() throws Exception {
        final Path dist = new Distribution(root, VERSION).make();
        assertThat(dist).isEqualTo(root.resolve("dist"));
        assertThat(dist.resolve("lib")).isDirectoryContaining("glob:**/lib-2.jar");
        assertThat(Files.readString(dist.resolve("classpath/ledger")))
                .isEqualTo("lib/ledger-1.jar:lib/lib-2.jar\n");
        assertThat(dist.resolve("bin/ringledger")).isExecutable();
        assertThat(Files.readString(dist.resolve("licences.md"))).contains("## MIT\n\n- g:lib:2\n");
    }

    @Test
    void shouldForgetWhatAnOlderOneHad() throws Exception {
        write("dist/lib/old-1.jar", "old");
        assertThat(new Distribution(root, VERSION).make().resolve("lib/old-1.jar"))
                .doesNotExist();
    }

    @Test
    void shouldLeaveAnOlderOneWhereTheNewOneIsRefused() throws Exception {
        write("dist/lib/old-1.jar", "old");
        bill("GPL-3.0-only", "lib");
        assertRefused("g:lib:2: unknown licence 'GPL-3.0-only'");
        assertThat(root.resolve("dist/lib/old-1.jar")).exists();
    }

    @Test
    void shouldRefuseAJarThatIsNotBilled() throws Exception {
        write("repository/other-3.jar", "other");
        write(
                "ledger/target/classpath.txt",
                root.resolve("repository/lib-2.jar") + ":"
                        + root.resolve("repository/other-3.jar"));
        assertRefused("other-3.jar is not in the bill of materials");
    }

    @Test
    void shouldRefuseAJarOfOtherContents() throws Exception {
        bill("MIT", "another lib");
        assertRefused("lib-2.jar is another file than the bill of materials has");
    }

    @Test
    void shouldRefuseABillOfMoreThanIsThere() throws Exception {
        for (final String service : Distribution.SERVICES) {
            write(
                    service + "/target/classpath.txt",
                    root.resolve("ledger/target/ledger-1.jar") + "\n");
        }
        assertRefused("lib-2.jar is billed and in no class path");
    }

    @Test
    void shouldSayWhatHasNotBeenBuilt() throws Exception {
        write("read-model/target/classpath.txt", root.resolve("repository") + "\n");
        assertRefused("read-model has not been packaged: no jar " + root.resolve("repository"));
        Files.delete(root.resolve("ledger/target/classpath.txt"));
        assertRefused("ledger has not been packaged");
        build();
        Files.delete(root.resolve("distribution/target/bom.xml"));
        assertRefused("run Maven without -o");
        write("dist/lib/old-1.jar", "old");
        DistributionMain.main(new String[] {root.toString(), VERSION});
        assertThat(root.resolve("dist")).doesNotExist();
    }

    private void assertRefused(final String message) {
        assertThatThrownBy(() -> new Distribution(root, VERSION).make())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(message);
    }

    private void bill(final String licence, final String contents) throws Exception {
        final StringBuilder components = new StringBuilder();
        for (final String service : Distribution.SERVICES) {
            components.append("""
                    <component type="library">
                      <group>io.ringledger</group><name>%s</name><version>1</version>
                    </component>
                    """.formatted(service));
        }
        write("distribution/target/bom.xml", """
                <bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>
                %s<component type="library">
                  <group>g</group><name>lib</name><version>2</version>
                  <hashes><hash alg="MD5">0</hash><hash alg="SHA-256">%s</hash></hashes>
                  <licenses><license><id>%s</id></license></licenses>
                </component>
                </components></bom>
                """.formatted(components, sha256(contents), licence));
    }

    private static String sha256(final String contents) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(contents.getBytes(StandardCharsets.UTF_8)));
    }

    private void write(final String name, final String contents) throws IOException {
        final Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, contents);
    }
}
