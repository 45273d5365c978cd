package io.ringledger.kit.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.RawClient;
import io.ringledger.kit.Settings;
import io.ringledger.kit.TlsClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import javax.net.ssl.SSLSocket;

/** A server with TLS over real sockets, and its certificate in files that are replaced. */
@Timeout(60)
final class TlsTest {
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final int REQUEST_LIMIT_MS = 400;
    private static final int MAX_CONNECTIONS = 3;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private HttpEdge edge;
    private Tls tls;
    private Path chain;
    private Path key;

    @BeforeEach
    void start() throws Exception {
        chain = folder.resolve("chain.pem");
        key = folder.resolve("key.pem");
        write(SelfSigned.make(NOW));
        tls = Tls.start(
                vertx,
                new TlsOptions(chain, key, 50),
                metrics.registry(),
                InstantSource.fixed(NOW));
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        new HttpEdgeOptions(
                                "127.0.0.1",
                                0,
                                2,
                                128,
                                1_000,
                                MAX_CONNECTIONS,
                                64,
                                30_000,
                                REQUEST_LIMIT_MS,
                                256,
                                1_024,
                                8_192,
                                2_048),
                        tls,
                        metrics.registry(),
                        request -> request.response().end("over " + request.scheme())),
                10_000);
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void shouldAnswerOverTls(final String protocol) throws IOException {
        final SSLSocket socket = TlsClients.connect(edge.port(), protocol);
        assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
        assertThat(socket.getSession().getCipherSuite())
                .isIn(TlsProfile.CIPHER_SUITES)
                .doesNotContain("CBC");
        try (RawClient client = new RawClient(socket)) {
            for (int i = 0; i < 3; i++) {
                client.send(REQUEST);
                assertThat(client.answer().body()).isEqualTo("over https");
            }
        }
    }

    /** By its own bytes: the JDK's client would not even ask. */
    @ParameterizedTest
    @CsvSource({"2, TLS 1.1", "1, TLS 1.0", "0, SSL 3"})
    void shouldRefuseOlderProtocols(final int minor, final String name) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(clientHello(minor));
            final byte[] alert = socket.getInputStream().readNBytes(7);
            assertThat(alert).as(name).hasSize(7);
            assertThat(alert[0]).as("an alert").isEqualTo((byte) 21);
            assertThat(alert[5]).as("fatal").isEqualTo((byte) 2);
            assertThat(alert[6]).as("protocol_version").isEqualTo((byte) 70);
        }
    }

    private static byte[] clientHello(final int minor) {
        final byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 2 + 4 + 2];
        hello[0] = 22;
        hello[1] = 3;
        hello[2] = (byte) Math.min(1, minor);
        hello[4] = (byte) (hello.length - 5);
        hello[5] = 1;
        hello[8] = (byte) (hello.length - 9);
        hello[9] = 3;
        hello[10] = (byte) minor;
        // 32 random bytes and no session; two suites, ECDHE_ECDSA and RSA with AES and SHA.
        hello[45] = 4;
        hello[46] = (byte) 0xc0;
        hello[47] = 0x09;
        hello[49] = 0x2f;
        hello[50] = 1;
        return hello;
    }

    @Test
    void shouldCloseAConnectionThatSpeaksPlainTextAndGoOn() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(readAll(socket), StandardCharsets.ISO_8859_1))
                    .doesNotContain("HTTP/1.1");
        }
        assertOver(TlsClients.connect(edge.port()));
    }

    @Test
    void shouldTellAClientThatIsTooSlowOrOneTooManyOverTls() throws Exception {
        try (RawClient slow = new RawClient(TlsClients.connect(edge.port()))) {
            slow.send("GET /x HTTP/1.1\r\nHost:");
            assertThat(slow.answer().status()).isEqualTo(408);
            slow.awaitClose();
        }
        await(() -> edge.openConnections() == 0);
        final RawClient[] clients = new RawClient[MAX_CONNECTIONS];
        try {
            for (int i = 0; i < MAX_CONNECTIONS; i++) {
                clients[i] = new RawClient(TlsClients.connect(edge.port()));
                clients[i].send(REQUEST);
                assertThat(clients[i].answer().status()).isEqualTo(200);
                // In the middle of the next one, for which it has more time than this test takes.
            }
            try (RawClient oneMore = new RawClient(TlsClients.connect(edge.port()))) {
                assertThat(oneMore.answer().status()).isEqualTo(503);
                oneMore.awaitClose();
            }
        } finally {
            for (final RawClient client : clients) {
                if (client != null) {
                    client.close();
                }
            }
        }
    }

    @Test
    void shouldTakeANewCertificateWhileConnectionsAreOpen() throws Exception {
        final Fingerprint before = tls.fingerprint();
        try (RawClient open = new RawClient(connectTo(before))) {
            final ServerCertificate next = SelfSigned.make(NOW.minus(Duration.ofDays(3_000)));
            write(next);
            await(() -> tls.fingerprint().equals(next.fingerprint()));
            await(() -> shows(next.fingerprint()));
            open.send(REQUEST);
            assertThat(open.answer().body()).isEqualTo("over https");
        }
        assertThat(metric("ringledger_tls_certificate_left_days")).isEqualTo(650);
    }

    @Test
    void shouldKeepItsCertificateUntilBothFilesOfANewOneAreThere() throws Exception {
        final Fingerprint before = tls.fingerprint();
        final ServerCertificate next = SelfSigned.make(NOW);
        final PemKeyCertOptions pem = next.toVertx();
        Files.write(chain, pem.getCertValues().getFirst().getBytes());
        await(() -> metric("ringledger_tls_certificate_refused_total") == 1);
        assertThat(tls.fingerprint()).isEqualTo(before);
        assertOver(connectTo(before));

        Files.write(key, pem.getKeyValues().getFirst().getBytes());
        await(() -> tls.fingerprint().equals(next.fingerprint()));
        await(() -> shows(next.fingerprint()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not PEM", "half", "ended", "not yet", "gone"})
    void shouldKeepItsCertificateWhereANewOneIsOfNoUse(final String what) throws Exception {
        final Fingerprint before = tls.fingerprint();
        switch (what) {
            case "half" -> {
                final byte[] whole = Files.readAllBytes(chain);
                Files.write(chain, Arrays.copyOf(whole, whole.length / 2));
            }
            case "ended" -> write(SelfSigned.make(NOW.minus(Duration.ofDays(3_650))));
            // They begin a day before.
            case "not yet" -> write(SelfSigned.make(NOW.plus(Duration.ofDays(2))));
            case "gone" -> Files.delete(key);
            default -> Files.writeString(chain, what);
        }
        await(() -> metric("ringledger_tls_certificate_refused_total") >= 1);
        assertThat(tls.fingerprint()).isEqualTo(before);
        assertOver(connectTo(before));
    }

    @Test
    void shouldNotAnnounceACertificateThatAServerDoesNotTake() throws Exception {
        final Fingerprint before = tls.fingerprint();
        final AtomicBoolean takes = new AtomicBoolean();
        final AtomicInteger asked = new AtomicInteger();
        tls.keep((HttpServer) Proxy.newProxyInstance(
                TlsTest.class.getClassLoader(),
                new Class<?>[] {HttpServer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "updateSSLOptions" -> {
                        asked.incrementAndGet();
                        yield takes.get()
                                ? Future.succeededFuture(true)
                                : Future.failedFuture("planted");
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> 1;
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
        final ServerCertificate next = SelfSigned.make(NOW);
        write(next);
        // Once when it began.
        await(() -> asked.get() > 1);
        await(() -> metric("ringledger_tls_certificate_refused_total") >= 1);
        assertThat(tls.fingerprint()).isEqualTo(before);
        assertThat(metric("ringledger_tls_certificate_left_days")).isEqualTo(3_650);

        takes.set(true);
        await(() -> tls.fingerprint().equals(next.fingerprint()));
        await(() -> shows(next.fingerprint()));
    }

    @Test
    void shouldTalkToTheCertificateThatWasNamedAndToNoOther() throws Exception {
        final HttpClient client = vertx.createHttpClient();
        final RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(edge.port())
                .setURI("/x")
                .setSsl(true);
        final HttpClientResponse response = client.request(new RequestOptions(request)
                        .setSslOptions(PinnedPeer.clientOptions(tls.fingerprint())))
                .compose(ready -> ready.send())
                .await(20, TimeUnit.SECONDS);
        assertThat(response.statusCode()).isEqualTo(200);
        final Fingerprint other = SelfSigned.make(NOW).fingerprint();
        assertThatThrownBy(() -> client.request(new RequestOptions(request)
                                .setSslOptions(PinnedPeer.clientOptions(other)))
                        .await(20, TimeUnit.SECONDS))
                .hasStackTraceContaining("another certificate than that which was announced");
    }

    @Test
    void shouldMakeCertificatesThatOthersCanRead() throws Exception {
        final SSLSocket socket = connectTo(tls.fingerprint());
        final var shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        socket.close();
        shown.checkValidity(Date.from(NOW));
        shown.verify(shown.getPublicKey());
        assertThat(shown.getVersion()).isEqualTo(3);
        assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=ringledger");
        assertThat(shown.getSubjectAlternativeNames().toString()).isEqualTo("[[2, ringledger]]");
        assertThat(shown.getSerialNumber())
                .isNotEqualTo(serial(SelfSigned.make(NOW)))
                .isPositive();
        // Past 2050, where dates are written in another way.
        assertThat(SelfSigned.make(Instant.parse("2049-06-01T00:00:00Z")).end())
                .isEqualTo(Instant.parse("2049-06-01T00:00:00Z").plus(Duration.ofDays(3_650)));
    }

    private static BigInteger serial(final ServerCertificate certificate) {
        return new BigInteger(
                certificate.toString().replaceFirst(".*serial=([0-9a-f]+),.*", "$1"), 16);
    }

    @ParameterizedTest
    @CsvSource({
        "files,,",
        "files, a.pem,",
        "files,, b.pem",
        "off, a.pem, b.pem",
        "self_signed, a.pem, b.pem"
    })
    void shouldRefuseSettingsThatContradictEachOther(
            final String mode, final String certificate, final String keyFile) {
        assertThatThrownBy(() -> TlsOptions.from(Settings.read(
                        Map.of(
                                "RINGLEDGER_TLS",
                                mode,
                                "RINGLEDGER_TLS_CERTIFICATE",
                                certificate == null ? "" : certificate,
                                "RINGLEDGER_TLS_KEY",
                                keyFile == null ? "" : keyFile),
                        TlsOptions.SETTINGS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("RINGLEDGER_TLS_CERTIFICATE and RINGLEDGER_TLS_KEY must be set with"
                        + " RINGLEDGER_TLS=files, and with nothing else");
    }

    @Test
    void shouldNotStartWithFilesThatAreOfNoUse() throws IOException {
        final String secret = Files.readString(key);
        Files.writeString(key, secret.replace("PRIVATE", "EC PRIVATE"));
        assertThatThrownBy(() -> Tls.start(
                        vertx,
                        new TlsOptions(chain, key, 50),
                        new Metrics().registry(),
                        InstantSource.fixed(NOW)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("no key of the form BEGIN PRIVATE KEY (PKCS#8)");
    }

    private void write(final ServerCertificate certificate) throws IOException {
        final PemKeyCertOptions pem = certificate.toVertx();
        Files.write(chain, pem.getCertValues().getFirst().getBytes());
        Files.write(key, pem.getKeyValues().getFirst().getBytes());
    }

    private SSLSocket connectTo(final Fingerprint expected) throws IOException {
        final SSLSocket socket = TlsClients.connect(edge.port());
        assertThat(shownBy(socket)).isEqualTo(expected);
        return socket;
    }

    private boolean shows(final Fingerprint expected) {
        try (SSLSocket socket = TlsClients.connect(edge.port())) {
            return shownBy(socket).equals(expected);
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Fingerprint shownBy(final SSLSocket socket) throws IOException {
        return Fingerprint.of((X509Certificate) socket.getSession().getPeerCertificates()[0]);
    }

    private static void assertOver(final SSLSocket socket) throws IOException {
        try (RawClient client = new RawClient(socket)) {
            client.send(REQUEST);
            assertThat(client.answer().body()).isEqualTo("over https");
        }
    }

    private static byte[] readAll(final Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            return in.readAllBytes();
        } catch (final SocketException e) {
            return new byte[0];
        }
    }

    private double metric(final String name) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static void await(final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
