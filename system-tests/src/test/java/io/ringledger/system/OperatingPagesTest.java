package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The pages for operators: each ends with what rehearses it, or with why nothing does; the tests that
 * are named are there; the commands that are quoted are understood.
 */
final class OperatingPagesTest {
    private static final String REHEARSED = "**Rehearsed by** ";
    private static final String NOT_REHEARSED = "**Not rehearsed**: ";
    private static final Pattern SPAN = Pattern.compile("`([^`\n]+(?:\n[^`\n]+)?)`");
    private static final Pattern TEST =
            Pattern.compile("([A-Z]\\w*Test)(?:\\.(should\\w+))?|(should\\w+)");
    private static final Pattern BLOCK =
            Pattern.compile("^```\\w*\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CONTINUED = Pattern.compile(" *\\\\\n *");

    /** What a block says about a command, some way to its right. */
    private static final Pattern COMMENT = Pattern.compile("(\\s+#|\\s{3,}).*$");

    private static final Pattern LAUNCHER = Pattern.compile("\\./ringledger( .*|$)");
    private static final int SHORTEST_REASON = 20;

    private static Map<String, String> tests = Map.of();
    private static LauncherCommands commands;

    @BeforeAll
    static void read() throws IOException {
        final Map<String, String> found = new HashMap<>();
        for (final Path module : children(Stacks.root())) {
            final Path folder = module.resolve("src/test/java");
            if (Files.isDirectory(folder)) {
                for (final Path file : filesBelow(folder, "Test.java")) {
                    final String name = file.getFileName().toString();
                    found.put(name.substring(0, name.length() - 5), Files.readString(file));
                }
            }
        }
        tests = found;
        commands = LauncherCommands.read(Stacks.root());
    }

    private static List<Path> children(final Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isDirectory).toList();
        }
    }

    private static List<Path> filesBelow(final Path folder, final String end) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(end))
                    .sorted()
                    .toList();
        }
    }

    /** By name, for the report. */
    static Stream<String> pages() throws IOException {
        return filesBelow(operating(), ".md").stream()
                .map(page -> operating().relativize(page).toString());
    }

    private static Path operating() {
        return Stacks.root().resolve("docs/operating");
    }

    /** Those of the folder itself; an alarm's page is about one alarm, and rehearsed with all others. */
    static Stream<String> pagesOfTheFolder() throws IOException {
        return pages().filter(page -> !page.contains("/") && !page.equals("README.md"));
    }

    @ParameterizedTest
    @MethodSource("pagesOfTheFolder")
    void shouldEndWithWhatRehearsesIt(final String page) throws IOException {
        final String end = end(Files.readString(operating().resolve(page)));
        assertThat(end).as("the end of " + page).startsWith("**");
        assertThat(end).as("nothing comes behind it").doesNotContain("\n#").doesNotContain("\n|");
        if (end.startsWith(REHEARSED)) {
            assertThat(spans(end))
                    .as("what rehearses " + page)
                    .anyMatch(span ->
                            TEST.matcher(span).matches() || span.startsWith("./ringledger "));
        }
        final int not = end.indexOf(NOT_REHEARSED);
        if (not >= 0) {
            assertThat(end.substring(not + NOT_REHEARSED.length()).strip())
                    .as("why it is not")
                    .hasSizeGreaterThan(SHORTEST_REASON);
        }
    }

    /** From where a page says what rehearses it; empty if it does not. */
    private static String end(final String text) {
        final int at = Stream.of(REHEARSED, NOT_REHEARSED)
                .mapToInt(begin -> text.indexOf("\n" + begin))
                .filter(found -> found >= 0)
                .min()
                .orElse(text.length() - 1);
        return text.substring(at + 1);
    }

    private static List<String> spans(final String text) {
        return SPAN.matcher(BLOCK.matcher(text).replaceAll(""))
                .results()
                .map(span -> span.group(1).replaceAll("\\s+", " "))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldNameTestsThatAreThere(final String page) throws IOException {
        String type = "";
        for (final String span : spans(Files.readString(operating().resolve(page)))) {
            final Matcher name = TEST.matcher(span);
            if (!name.matches()) {
                continue;
            }
            type = name.group(1) == null ? type : name.group(1);
            final String method = name.group(3) == null ? name.group(2) : name.group(3);
            assertThat(tests).as(page + " names `" + span + "`").containsKey(type);
            if (method != null) {
                assertThat(tests.getOrDefault(type, ""))
                        .as(page + " names " + type + "." + method)
                        .containsPattern("void " + method + "\\(");
            }
        }
    }

    /** On every page of the documentation, not of this folder alone. */
    @Test
    void shouldQuoteCommandsThatTheLauncherUnderstands() throws IOException {
        final List<Path> pages = new ArrayList<>(filesBelow(Stacks.root().resolve("docs"), ".md"));
        pages.add(Stacks.root().resolve("README.md"));
        final Map<String, String> refused = new TreeMap<>();
        int quoted = 0;
        for (final Path page : pages) {
            for (final String command : quotedCommands(Files.readString(page))) {
                quoted++;
                final String why = commands.whyRefused(command);
                if (why != null) {
                    refused.put(page.getFileName() + ": " + command, why);
                }
            }
        }
        assertThat(refused).isEmpty();
        assertThat(quoted).isGreaterThan(50);
    }

    private static List<String> quotedCommands(final String text) {
        final List<String> commandLines = new ArrayList<>();
        for (final MatchResult block : BLOCK.matcher(text).results().toList()) {
            for (final String line :
                    CONTINUED.matcher(block.group(1)).replaceAll(" ").lines().toList()) {
                final Matcher launcher = LAUNCHER.matcher(line);
                if (launcher.find()) {
                    commandLines.add(COMMENT.matcher(launcher.group()).replaceFirst(""));
                }
            }
        }
        spans(text).stream()
                .filter(span -> span.startsWith("./ringledger "))
                .forEach(commandLines::add);
        return commandLines;
    }

    @Test
    void shouldNoticeWhatIsWrong() {
        assertThat(commands.names()).contains("up", "verify", "rehearse", "kinesis-consumer");
        assertThat(commands.whyRefused("./ringledger verify --views")).isNull();
        assertThat(commands.whyRefused("./ringledger verify --vews"))
                .isEqualTo("verify has no option --vews");
        assertThat(commands.whyRefused("./ringledger verfy")).startsWith("no command verfy");
        assertThat(quotedCommands("```\nA=1 ./ringledger up \\\n  --port 0   says\n```\n"))
                .containsExactly("./ringledger up --port 0");
        assertThat(end("# X\n\ntext\n")).isEmpty();
    }

    @Test
    void shouldLinkEveryPageFromTheFirst() throws IOException {
        final String first = Files.readString(operating().resolve("README.md"));
        assertThat(pagesOfTheFolder()).allSatisfy(page -> assertThat(first).contains("(" + page));
    }
}
