package io.ringledger.loadtests.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/**
 * An OpenAPI 3.1 description that answers of a service are held against: operation, status, headers,
 * content type and body. JSON Schema is checked by a library that speaks the dialect of OpenAPI 3.1;
 * here is only the way from an answer to its schema. Thread-safe; remembers which responses it has
 * seen.
 *
 * <p>What the description cannot say is agreed: a path that it does not list answers its component
 * {@code RouteNotFound}, a method that a listed path does not have answers {@code MethodNotAllowed}.
 */
public final class OpenApiContract {
    private static final String DOCUMENT = "https://ringledger.invalid/openapi.json";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final JsonNode document;
    private final SchemaRegistry schemas;
    private final List<PathTemplate> paths = new ArrayList<>();
    private final Set<String> seen = new ConcurrentSkipListSet<>();

    /** A path of the description, and what matches it. */
    private record PathTemplate(String text, Pattern pattern, JsonNode item) {}

    private OpenApiContract(final JsonNode document) {
        this.document = document;
        schemas = SchemaRegistry.withDialect(
                Dialects.getOpenApi31(),
                builder -> builder.schemas(Map.of(DOCUMENT, document.toString())));
        for (final Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            final String quoted = Pattern.quote(path.getKey());
            final String regex = quoted.replaceAll("\\{[^}]*\\}", "\\\\E[^/]+\\\\Q");
            paths.add(new PathTemplate(path.getKey(), Pattern.compile(regex), path.getValue()));
        }
    }

    /** Reads a description in YAML. */
    public static OpenApiContract load(final Path file) throws IOException {
        final YAMLMapper yaml = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return new OpenApiContract(yaml.readTree(Files.readAllBytes(file)));
    }

    /** The description as one JSON document. */
    public String json() {
        return document.toString();
    }

    /**
     * What of an answer is not as described; empty if all of it is.
     *
     * @param target path and query as they were requested
     * @param headers names in any case, values in order, as HttpHeaders.map gives them
     */
    public List<String> violations(
            final String method,
            final String target,
            final int status,
            final Map<String, List<String>> headers,
            final byte[] body) {
        final PathTemplate path = template(target);
        final String pointer = responsePointer(path, method, status);
        if (pointer == null) {
            return List.of(method + " " + target + ": status " + status + " is not described");
        }
        seen.add(name(method, path, status));
        final List<String> found = new ArrayList<>();
        final String response = resolve(pointer);
        for (final Map.Entry<String, JsonNode> header :
                document.at(response + "/headers").properties()) {
            checkHeader(found, response, header.getKey(), values(headers, header.getKey()));
        }
        checkBody(found, response, values(headers, "Content-Type"), body);
        return found.stream()
                .map(what -> method + " " + target + " " + status + ": " + what)
                .toList();
    }

    /** What of a request's body is not as described; empty if a service must be able to take it. */
    public List<String> requestViolations(
            final String method, final String target, final byte[] body) {
        final PathTemplate path = template(target);
        if (path == null) {
            return List.of("path is not described: " + target);
        }
        final String request = resolve("/paths/"
                + escape(path.text())
                + "/"
                + method.toLowerCase(Locale.ROOT)
                + "/requestBody");
        final String schema = request + "/content/" + escape("application/json") + "/schema";
        return document.at(schema).isMissingNode()
                ? List.of("body is not described: " + method + " " + target)
                : jsonViolations(schema, body);
    }

    /** What of a JSON document breaks a schema of the description's components. */
    public List<String> schemaViolations(final String schema, final byte[] json) {
        final String pointer = "/components/schemas/" + escape(schema);
        return document.at(pointer).isMissingNode()
                ? List.of("schema is not described: " + schema)
                : jsonViolations(pointer, json);
    }

    /** Every response that is described, as {@code POST /v1/accounts 201}, in order. */
    public Set<String> responses() {
        final Set<String> all = new TreeSet<>();
        for (final PathTemplate path : paths) {
            for (final Map.Entry<String, JsonNode> operation : path.item().properties()) {
                if (METHODS.contains(operation.getKey())) {
                    operation
                            .getValue()
                            .path("responses")
                            .fieldNames()
                            .forEachRemaining(status -> all.add(
                                    name(operation.getKey(), path, Integer.parseInt(status))));
                }
            }
        }
        return all;
    }

    /** The responses that {@link #violations} has been asked about, in the same form. */
    public Set<String> seenResponses() {
        return new TreeSet<>(seen);
    }

    /** The codes of problems, in the description's order. */
    public List<String> problemCodes() {
        final List<String> codes = new ArrayList<>();
        document.at("/components/schemas/ProblemCode/enum")
                .forEach(code -> codes.add(code.textValue()));
        return codes;
    }

    private @Nullable PathTemplate template(final String target) {
        final int question = target.indexOf('?');
        final String path = question < 0 ? target : target.substring(0, question);
        for (final PathTemplate template : paths) {
            if (template.pattern().matcher(path).matches()) {
                return template;
            }
        }
        return null;
    }

    private @Nullable String responsePointer(
            final @Nullable PathTemplate path, final String method, final int status) {
        if (path == null) {
            return status == 404 ? "/components/responses/RouteNotFound" : null;
        }
        final String operation = method.toLowerCase(Locale.ROOT);
        if (!path.item().has(operation)) {
            return status == 405 ? "/components/responses/MethodNotAllowed" : null;
        }
        final String pointer =
                "/paths/" + escape(path.text()) + "/" + operation + "/responses/" + status;
        return document.at(pointer).isMissingNode() ? null : pointer;
    }

    private void checkHeader(
            final List<String> found,
            final String response,
            final String name,
            final List<String> values) {
        final String header = resolve(response + "/headers/" + escape(name));
        if (values.isEmpty()) {
            if (document.at(header).path("required").asBoolean()) {
                found.add("header " + name + " is missing");
            }
        } else if (values.size() > 1) {
            found.add("header " + name + " is there " + values.size() + " times");
        } else {
            validate(header + "/schema", TextNode.valueOf(values.getFirst()))
                    .forEach(what -> found.add("header " + name + ": " + what));
        }
    }

    private void checkBody(
            final List<String> found,
            final String response,
            final List<String> contentTypes,
            final byte[] body) {
        final String type = contentTypes.isEmpty() ? "" : contentTypes.getFirst();
        final String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        final String content = response + "/content/" + escape(media);
        if (document.at(content).isMissingNode()) {
            found.add("content type \"" + type + "\" is not described");
        } else if (media.endsWith("json")) {
            found.addAll(jsonViolations(content + "/schema", body));
        } else {
            found.addAll(validate(
                    content + "/schema",
                    TextNode.valueOf(new String(body, java.nio.charset.StandardCharsets.UTF_8))));
        }
    }

    private List<String> jsonViolations(final String schema, final byte[] json) {
        try {
            return validate(schema, JSON.readTree(json));
        } catch (final JsonProcessingException e) {
            return List.of("not JSON: " + e.getOriginalMessage());
        } catch (final IOException e) {
            return List.of("not JSON: " + e.getMessage());
        }
    }

    private List<String> validate(final String schema, final JsonNode value) {
        final List<Error> errors =
                schemas.getSchema(SchemaLocation.of(DOCUMENT + "#" + schema)).validate(value);
        return errors.stream()
                .map(error -> error + " (" + error.getSchemaLocation().getFragment() + ")")
                .toList();
    }

    /** Follows references between components, as objects other than schemas may be references. */
    private String resolve(final String pointer) {
        String resolved = pointer;
        for (JsonNode reference = document.at(resolved).path("$ref");
                reference.isTextual();
                reference = document.at(resolved).path("$ref")) {
            resolved = reference.textValue().substring(1);
        }
        return resolved;
    }

    private static List<String> values(final Map<String, List<String>> headers, final String name) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .flatMap(header -> header.getValue().stream())
                .toList();
    }

    private static String name(
            final String method, final @Nullable PathTemplate path, final int status) {
        return method.toUpperCase(Locale.ROOT)
                + " "
                + (path == null ? "(no such path)" : path.text())
                + " "
                + status;
    }

    /** A reference token of a JSON Pointer. */
    private static String escape(final String token) {
        return token.replace("~", "~0").replace("/", "~1");
    }
}
