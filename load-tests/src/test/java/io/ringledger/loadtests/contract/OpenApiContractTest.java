package io.ringledger.loadtests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The description of the API: that it is one, that its examples keep it, and that it is strict. */
class OpenApiContractTest {
    private static final Path DOCS = Path.of(System.getProperty("ringledger.root", ".."), "docs");
    private static final List<String> ID = List.of("0af7651916cd43dd8448eb211c80319c");
    private static final Map<String, List<String>> JSON =
            Map.of("content-type", List.of("application/json"), "correlation-id", ID);

    private static final String TRANSACTION = """
            {"transactionId":"1-7","accountId":"a","type":"credit","amount":5,"currency":"EUR",
            "balance":5,"held":0,"creditLimit":0,"available":5,"reference":null,
            "recordedAt":"2026-11-20T09:30:00.125Z"}""";

    private static final String PROBLEM = """
            {"type":"/problems/insufficient_funds","title":"t","status":422,"detail":"d",
            "code":"insufficient_funds","outcome":"not_applied","retry":"new_key","position":"1-8"}""";

    private static OpenApiContract contract = load();

    @BeforeAll
    static void reload() {
        contract = load();
    }

    private static OpenApiContract load() {
        try {
            return OpenApiContract.load(DOCS.resolve("openapi.yaml"));
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void shouldBeAValidOpenApiDocument() throws IOException {
        final String id = "https://spec.openapis.org/oas/3.1/schema/2022-10-07";
        try (InputStream schema =
                getClass().getResourceAsStream("/spec.openapis.org/oas/3.1/schema/2022-10-07")) {
            final String text = new String(Objects.requireNonNull(schema).readAllBytes(), UTF_8);
            final SchemaRegistry registry = SchemaRegistry.withDialect(
                    Dialects.getDraft202012(), builder -> builder.schemas(Map.of(id, text)));
            assertThat(registry.getSchema(SchemaLocation.of(id))
                            .validate(contract.json(), InputFormat.JSON))
                    .isEmpty();
            assertThat(registry.getSchema(SchemaLocation.of(id))
                            .validate("{\"openapi\":\"3.1.0\"}", InputFormat.JSON))
                    .as("a document without info and paths")
                    .isNotEmpty();
        }
    }

    @Test
    void shouldHoldItsOwnExamples() throws IOException {
        final JsonNode document = new JsonMapper().readTree(contract.json());
        final List<String> checked = new ArrayList<>();
        for (final Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (final Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                final JsonNode responses = operation.getValue().path("responses");
                for (final Map.Entry<String, JsonNode> response : responses.properties()) {
                    final JsonNode resolved = resolved(document, response.getValue());
                    final JsonNode content = resolved.get("content");
                    final String media = content.fieldNames().next();
                    final JsonNode example = content.get(media).path("example");
                    if (media.endsWith("json")) {
                        checked.add(path.getKey() + " " + response.getKey());
                        assertThat(contract.violations(
                                        operation.getKey(),
                                        path.getKey().replaceAll("[{}]", ""),
                                        Integer.parseInt(response.getKey()),
                                        headersOf(document, resolved, media),
                                        example.toString().getBytes(UTF_8)))
                                .isEmpty();
                    }
                }
                final JsonNode request =
                        resolved(document, operation.getValue().path("requestBody"));
                if (!request.isMissingNode()) {
                    final JsonNode example =
                            request.get("content").get("application/json").get("example");
                    assertThat(contract.requestViolations(
                                    operation.getKey(),
                                    path.getKey().replaceAll("[{}]", ""),
                                    example.toString().getBytes(UTF_8)))
                            .isEmpty();
                }
            }
        }
        assertThat(checked).hasSizeGreaterThan(80);
        assertThat(contract.responses()).containsAll(contract.seenResponses());
    }

    @Test
    void shouldHoldTheExamplesOfTheGuide() throws IOException {
        final String guide = Files.readString(DOCS.resolve("http-api.md"));
        final Matcher example = Pattern.compile(
                        "<!-- (\\w+) -->\\s*```json\\n(.*?)```", Pattern.DOTALL)
                .matcher(guide);
        int count = 0;
        while (example.find()) {
            count++;
            assertThat(contract.schemaViolations(
                            example.group(1), example.group(2).getBytes(UTF_8)))
                    .as(example.group(2))
                    .isEmpty();
        }
        assertThat(count).isGreaterThan(5);
        assertThat(guide.split("```json", -1)).hasSize(count + 1);
    }

    @Test
    void shouldListTheSameCodesInTheGuideInTheSameOrder() throws IOException {
        final Matcher row = Pattern.compile("^\\| \\d+ \\| `([a-z_]+)` \\|", Pattern.MULTILINE)
                .matcher(Files.readString(DOCS.resolve("http-api.md")));
        final List<String> codes = new ArrayList<>();
        while (row.find()) {
            codes.add(row.group(1));
        }
        assertThat(codes).isEqualTo(contract.problemCodes());
    }

    @Test
    void shouldFindNothingWrongWithARightAnswer() {
        assertThat(contract.violations(
                        "POST", "/v1/accounts/a/credit", 201, JSON, bytes(TRANSACTION)))
                .isEmpty();
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/withdraw",
                        422,
                        Map.of(
                                "Content-Type",
                                List.of("application/problem+json"),
                                "Correlation-ID",
                                ID,
                                "idempotency-replayed",
                                List.of("true")),
                        bytes(PROBLEM)))
                .isEmpty();
        assertThat(contract.seenResponses()).contains("POST /v1/accounts/{accountId}/withdraw 422");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "amount":5        | "amount":5.5
                    "amount":5        | "amount":0
                    "amount":5        | "amount":9007199254740992
                    "amount":5        | "amount":"5"
                    "amount":5        | "amount":5,"amount":6
                    "amount":5,       | ''
                    "type":"credit"   | "type":"debit"
                    "currency":"EUR"  | "currency":"eur"
                    "held":0          | "held":0,"more":1
                    "1-7"             | "1-07"
                    "accountId":"a"   | "accountId":"@world.EUR.1"
                    00.125Z           | 00Z
                    "reference":null  | "reference":""
                    """)
    void shouldFindAWrongMember(final String right, final String wrong) {
        assertThat(TRANSACTION).contains(right);
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/credit",
                        201,
                        JSON,
                        bytes(TRANSACTION.replace(right, wrong))))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "status":422             | "status":409
                    "code":"insufficient_funds" | "code":"account_exists"
                    "code":"insufficient_funds" | "code":"no_such_code"
                    "outcome":"not_applied"  | "outcome":"unknown"
                    "retry":"new_key"        | "retry":"same_key"
                    ,"position":"1-8"        | ''
                    "/problems/insufficient_funds" | "about:blank"
                    """)
    void shouldFindAWrongProblem(final String right, final String wrong) {
        assertThat(PROBLEM).contains(right);
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/withdraw",
                        422,
                        Map.of(
                                "content-type",
                                List.of("application/problem+json"),
                                "correlation-id",
                                ID),
                        bytes(PROBLEM.replace(right, wrong))))
                .isNotEmpty();
    }

    @Test
    void shouldFindWrongStatusesHeadersAndContentTypes() {
        final byte[] body = bytes(TRANSACTION);
        assertThat(contract.violations("POST", "/v1/accounts/a/credit", 200, JSON, body))
                .containsExactly("POST /v1/accounts/a/credit: status 200 is not described");
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/credit",
                        201,
                        Map.of("content-type", List.of("text/json"), "correlation-id", ID),
                        body))
                .anySatisfy(what -> assertThat(what).contains("\"text/json\" is not described"));
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/credit",
                        201,
                        Map.of(
                                "content-type",
                                List.of("application/json"),
                                "idempotency-replayed",
                                List.of("false")),
                        body))
                .anySatisfy(what -> assertThat(what).contains("header Idempotency-Replayed"));
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/credit",
                        503,
                        Map.of(
                                "content-type",
                                List.of("application/problem+json"),
                                "correlation-id",
                                ID),
                        bytes(PROBLEM)))
                .anySatisfy(what -> assertThat(what).contains("header Retry-After is missing"));
        assertThat(contract.violations(
                        "POST",
                        "/v1/accounts/a/credit",
                        201,
                        Map.of("content-type", List.of("application/json")),
                        body))
                .containsExactly(
                        "POST /v1/accounts/a/credit 201: header Correlation-Id is missing");
        assertThat(contract.violations("GET", "/v1/nothing", 200, JSON, body)).isNotEmpty();
        assertThat(contract.violations("DELETE", "/v1/accounts/a", 404, JSON, body))
                .isNotEmpty();
        assertThat(contract.requestViolations("POST", "/v1/accounts", bytes("{}")))
                .isNotEmpty();
        assertThat(contract.schemaViolations("NoSuch", bytes("{}"))).isNotEmpty();
    }

    @Test
    void shouldKnowWhatUnlistedPathsAndMethodsAnswer() {
        final Map<String, List<String>> headers = Map.of(
                "content-type", List.of("application/problem+json"),
                "correlation-id", ID,
                "allow", List.of("GET"));
        final String problem = PROBLEM.replace(",\"position\":\"1-8\"", "").replace("422", "%d");
        assertThat(contract.violations(
                        "GET",
                        "/v2/accounts",
                        404,
                        headers,
                        bytes(problem.formatted(404)
                                .replace("insufficient_funds", "route_not_found"))))
                .isEmpty();
        assertThat(contract.violations(
                        "DELETE",
                        "/v1/accounts/a",
                        405,
                        headers,
                        bytes(problem.formatted(405)
                                .replace("insufficient_funds", "method_not_allowed"))))
                .isEmpty();
    }

    private static JsonNode resolved(final JsonNode document, final JsonNode node) {
        final JsonNode reference = node.path("$ref");
        return reference.isTextual() ? document.at(reference.textValue().substring(1)) : node;
    }

    private static Map<String, List<String>> headersOf(
            final JsonNode document, final JsonNode response, final String media) {
        final Map<String, List<String>> headers = new java.util.HashMap<>();
        headers.put("Content-Type", List.of(media));
        for (final Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
            final JsonNode schema = resolved(document, header.getValue()).get("schema");
            final String example = switch (header.getKey()) {
                case "Correlation-Id" -> ID.getFirst();
                case "Retry-After" -> "1";
                case "Ringledger-Position" -> "1-184467";
                case "Allow" -> "GET";
                case "WWW-Authenticate" -> "Bearer realm=\"ringledger\"";
                default -> schema.get("const").textValue();
            };
            headers.put(header.getKey(), List.of(example));
        }
        return headers;
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(UTF_8);
    }
}
