package io.ringledger.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.Access;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Scope;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.ringledger.kit.auth.Auth;
import io.ringledger.kit.auth.AuthOptions;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

@Timeout(60)
final class LocalIssuerTest {
    @Test
    void shouldMakeTokensThatAServiceWithItsSettingsTakes(@TempDir final Path folder)
            throws Exception {
        final LocalIssuer issuer = LocalIssuer.in(folder.resolve("keys"));
        final Map<String, String> environment = issuer.settings();
        environment.put("RINGLEDGER_HTTP_PORT", "0");
        final List<Setting<?>> declared = new ArrayList<>(HttpEdgeOptions.SETTINGS);
        declared.addAll(AuthOptions.SETTINGS);
        final Settings settings = Settings.read(environment, declared);
        final Vertx vertx = Vertx.vertx();
        try (Metrics metrics = new Metrics();
                HttpClient client = HttpClient.newHttpClient()) {
            final Health health = new Health();
            final HttpEdgeOptions http = HttpEdgeOptions.from(settings);
            final Access access =
                    Auth.from(vertx, http.host(), settings, metrics.registry(), health);
            final HttpEdge edge = Lifecycle.await(
                    HttpEdge.start(
                            vertx,
                            http,
                            metrics.registry(),
                            new SystemRoutes(
                                    metrics,
                                    health,
                                    access,
                                    (request, grant) -> request.response()
                                            .end(grant.clientId() + " "
                                                    + grant.covers("shop-7:1")))),
                    10_000);
            final URI address = URI.create("http://127.0.0.1:" + edge.port() + "/v1/x");
            final Instant soon = Instant.now().plusSeconds(60);
            final EnumSet<Scope> read = EnumSet.of(Scope.READ);
            final LocalIssuer same = LocalIssuer.in(folder.resolve("keys"));
            assertThat(get(client, address, issuer.token("c", "shop-7:", read, soon)))
                    .isEqualTo("200 c true");
            assertThat(get(client, address, same.token("c", "shop-8:", read, soon)))
                    .isEqualTo("200 c false");
            assertThat(get(client, address, same.token("c", "*", EnumSet.of(Scope.WRITE), soon)))
                    .startsWith("403 ");
            assertThat(get(client, address, same.token("c", "*", read, Instant.EPOCH)))
                    .startsWith("401 ");
            final LocalIssuer another = LocalIssuer.in(folder.resolve("others"));
            assertThat(get(client, address, another.token("c", "*", read, soon)))
                    .startsWith("401 ");
            Lifecycle.await(edge.stop(100), 10_000);
        } finally {
            Lifecycle.await(vertx.close(), 10_000);
        }
    }

    @Test
    void shouldKeepItsKeyToItsOwner(@TempDir final Path folder) throws Exception {
        LocalIssuer.in(folder);
        final Path key = folder.resolve("private-key.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(key)).contains("\"d\":");
        assertThat(Files.readString(folder.resolve("keys.json"))).doesNotContain("\"d\":");
    }

    private static String get(final HttpClient client, final URI address, final String token)
            throws Exception {
        final HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(address)
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }
}
