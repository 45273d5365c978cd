package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rights of the services in AWS are those that their code needs, each with its reason, and
 * docs/operating/iam.md says which.
 */
final class TerraformIamTest {
    /** Statements whose resource is {@code *}, and why nothing else will do. */
    private static final Map<String, String> WILDCARDS = new TreeMap<>(Map.of(
            "modules/services/iam.tf execution Registry",
            "AWS knows no resource for `ecr:GetAuthorizationToken`. It is Fargate's right, no"
                    + " process has it.",
            "modules/services/iam.tf traces Traces",
            "AWS knows no resource for `xray:PutTraceSegments`. It is the collector's right, where"
                    + " traces are on; it writes and cannot read.",
            "modules/network/endpoints.tf endpoint OwnAccount",
            "The policy of a way to AWS: it lets this account's credentials through and no others;"
                    + " what they may do is decided by their roles.",
            "encryption.tf key Account",
            "The policy of a key: `*` is this key.",
            "encryption.tf key Logs",
            "The policy of a key: `*` is this key.",
            "encryption.tf key Alarms",
            "The policy of a key: `*` is this key."));

    /** Calls that the code can make and no service may, and why. */
    private static final Map<String, String> NOT_ALLOWED = new TreeMap<>(Map.of(
            "LedgerTable dynamodb:CreateTable", "the deployment makes the table",
            "LedgerTable dynamodb:DescribeTable", "waits for the table that it has made",
            "LeaseTable dynamodb:CreateTable", "the deployment makes the tables"));

    /** How AWS names the call of the SDK, where it is not the same word. */
    private static final Map<String, String> ACTION_OF_CALL = Map.of(
            "dynamodb:Waiter", "dynamodb:DescribeTable",
            "s3:ListObjectsV2", "s3:ListBucket",
            "s3:CreateMultipartUpload", "s3:PutObject",
            "s3:UploadPart", "s3:PutObject",
            "s3:UploadPartCopy", "s3:PutObject",
            "s3:CopyObject", "s3:PutObject",
            "s3:CompleteMultipartUpload", "s3:PutObject");

    /** Our code where KCL's begins: what KCL calls does not stand in it. */
    private static final Set<String> OF_KCL = Set.of("KclScheduler", "CheckpointWriter");

    private static final Pattern CALL =
            Pattern.compile("\\b(kinesis|dynamoDb|s3)\\s*\\.([a-z]\\w+)\\(");
    private static final Set<String> NO_CALLS = Set.of("close", "builder");

    private static TerraformFiles terraform;
    private static List<IamPolicies.Statement> statements;
    private static Map<String, Path> classes;

    @BeforeAll
    static void readFiles() throws IOException {
        terraform = TerraformFiles.read();
        statements = IamPolicies.of(terraform);
        classes = classes();
    }

    @Test
    void shouldNameEveryResource() {
        final Set<String> wildcards = new TreeSet<>();
        for (final IamPolicies.Statement statement : statements) {
            if (statement.hasWildcardResource()) {
                wildcards.add(statement.where());
            } else if (!statement.actions().equals(trust())) {
                assertThat(statement.resources()).as(statement.where()).isNotEmpty();
            }
        }
        assertThat(wildcards).isEqualTo(WILDCARDS.keySet());
        assertThat(IamPolicies.otherWays(terraform)).isEmpty();
    }

    /** Read without credentials (decision 023), which the endpoint of S3 lets through nowhere else. */
    @Test
    void shouldLetTheKeysOfTokensThroughTheEndpointOfS3() {
        assertThat(terraform.text("main.tf")).containsPattern("jwks\\s+= var\\.auth\\.jwks");
        final String endpoints = terraform.text("modules/network/endpoints.tf");
        final List<String> addresses = new ArrayList<>();
        for (final String address : List.of(
                "https://keys-1.s3.eu-central-1.amazonaws.com/a/keys.json",
                "https://s3.eu-central-1.amazonaws.com/keys-1/a/keys.json",
                "https://keys-1.s3.cn-north-1.amazonaws.com.cn:443/a/keys.json",
                "https://issuer.example/a/keys.json")) {
            final Matcher pattern =
                    Pattern.compile("regexall\\(\"(.+)\", var\\.jwks\\)").matcher(endpoints);
            while (pattern.find()) {
                final Matcher found = Pattern.compile(pattern.group(1)).matcher(address);
                if (found.find()) {
                    addresses.add(found.group(1) + "/" + found.group(2));
                }
            }
        }
        assertThat(addresses)
                .containsExactly("keys-1/a/keys.json", "keys-1/a/keys.json", "keys-1/a/keys.json");
        assertThat(endpoints)
                .containsPattern(
                        "for_each = each\\.key == \"s3\" \\? local\\.key_objects(?s:.)*?GetObject");
    }

    private static List<IamPolicies.Action> trust() {
        return List.of(new IamPolicies.Action("sts:AssumeRole", List.of()));
    }

    @Test
    void shouldNameEveryActionAndWhoNeedsIt() {
        for (final IamPolicies.Statement statement : rights()) {
            assertThat(statement.sid()).isNotEmpty();
            assertThat(statement.actions()).as(statement.where()).isNotEmpty();
            for (final IamPolicies.Action action : statement.actions()) {
                assertThat(action.name()).as(statement.where()).matches("[a-z0-9-]+:[A-Za-z]+");
                assertThat(action.needs())
                        .as("%s: who needs %s?", statement.where(), action.name())
                        .isNotEmpty();
                action.needs().forEach(need -> requireTrue(statement, action, need));
            }
        }
    }

    /** The method is there, and its class makes the call. */
    private static void requireTrue(
            final IamPolicies.Statement statement,
            final IamPolicies.Action action,
            final String need) {
        final String where = statement.where() + ": " + action.name() + " # " + need;
        final Matcher inTerraform = Pattern.compile("(\\w+\\.tf) (\\w+)").matcher(need);
        if (inTerraform.matches()) {
            final Path file = Path.of(statement.file()).resolveSibling(inTerraform.group(1));
            assertThat(terraform.text(file.toString())).as(where).contains(inTerraform.group(2));
            return;
        }
        final Matcher inCode = Pattern.compile("(\\w+)\\.(\\w+)").matcher(need);
        assertThat(inCode.matches()).as(where).isTrue();
        final String name = inCode.group(1);
        assertThat(classes).as(where).containsKey(name);
        assertThat(read(name)).as(where).containsPattern("\\b" + inCode.group(2) + "\\(");
        if (action.name().startsWith("rds-db:")) {
            assertThat(read(name)).as(where).contains("\"rds-db\"");
        } else if (!OF_KCL.contains(name) && !action.name().startsWith("kms:")) {
            final Set<String> made = calls(name);
            // What is copied is read.
            final boolean isCopy =
                    action.name().equals("s3:GetObject") && made.contains("s3:PutObject");
            assertThat(isCopy || made.contains(action.name())).as(where).isTrue();
        }
    }

    @Test
    void shouldAllowEveryCallOfTheCode() {
        final Set<String> allowed = new TreeSet<>();
        for (final IamPolicies.Statement statement : rights()) {
            for (final IamPolicies.Action action : statement.actions()) {
                action.needs()
                        .forEach(need ->
                                allowed.add(need.replaceFirst("\\..*", "") + " " + action.name()));
            }
        }
        final Set<String> refused = new TreeSet<>();
        for (final String name : classes.keySet()) {
            calls(name).stream()
                    .map(call -> name + " " + call)
                    .filter(call -> !allowed.contains(call))
                    .forEach(refused::add);
        }
        assertThat(refused).isEqualTo(NOT_ALLOWED.keySet());
    }

    @Test
    void shouldSayInTheDocsWhoMayDoWhat() throws IOException {
        final String expected = IamTable.of(rights(), WILDCARDS, NOT_ALLOWED, classes);
        final Path written = Stacks.root().resolve("system-tests/target/iam.md");
        Files.writeString(written, expected);
        assertThat(Files.readString(Stacks.root().resolve("docs/operating/iam.md")))
                .as("docs/operating/iam.md is out of date, copy " + written)
                .isEqualTo(expected);
    }

    /** What roles may do, as against who may do something with a resource. */
    private static List<IamPolicies.Statement> rights() {
        final List<IamPolicies.Statement> rights = new ArrayList<>(statements);
        rights.removeIf(IamPolicies.Statement::isOfResource);
        assertThat(rights).isNotEmpty();
        return rights;
    }

    /** Calls of the SDK in a class, as actions of IAM. */
    private static Set<String> calls(final String name) {
        final Set<String> calls = new TreeSet<>();
        final Matcher call = CALL.matcher(read(name));
        while (call.find()) {
            if (!NO_CALLS.contains(call.group(2))) {
                final String action = call.group(1).toLowerCase(Locale.ROOT) + ":"
                        + Character.toUpperCase(call.group(2).charAt(0))
                        + call.group(2).substring(1);
                calls.add(ACTION_OF_CALL.getOrDefault(action, action));
            }
        }
        return calls;
    }

    private static String read(final String name) {
        try {
            return Files.readString(Stacks.root().resolve(classes.get(name)));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Classes of what is deployed, by name, with their path. */
    private static Map<String, Path> classes() throws IOException {
        final Map<String, Path> classes = new TreeMap<>();
        for (final String module : List.of(
                "account-model",
                "service-kit",
                "snapshots",
                "ledger",
                "kinesis-consumer",
                "read-model")) {
            try (Stream<Path> files =
                    Files.walk(Stacks.root().resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("package-info.java"))
                        .forEach(file -> put(classes, file));
            }
        }
        return classes;
    }

    /** Two interfaces have the name of a class that calls AWS: the one that calls counts. */
    private static void put(final Map<String, Path> classes, final Path file) {
        final String name = file.getFileName().toString().replace(".java", "");
        final Path path = Stacks.root().relativize(file);
        final Path before = classes.putIfAbsent(name, path);
        if (before != null && name.equals("LeaseTable")) {
            classes.put(name, path.startsWith("kinesis-consumer") ? path : before);
        }
    }
}
