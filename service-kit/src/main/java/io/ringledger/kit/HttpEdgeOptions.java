package io.ringledger.kit;

import java.util.List;

/**
 * The limits of one HTTP server.
 *
 * @param host address to listen on
 * @param port port to listen on; 0: a free one
 * @param eventLoops how many event loops serve connections
 * @param backlog connections that the kernel keeps before they are accepted
 * @param maxConnections open connections; a further one takes the place of one that does nothing,
 *     or gets 503 and is closed
 * @param maxConnectionsPerAddress of them from one address; 0: no limit of its own
 * @param maxPipelinedRequests requests of one connection whose answers have not been written
 * @param idleTimeoutMs how long a connection without a request stays open, and how long a client
 *     may take nothing of the answers that wait for it
 * @param requestTimeoutMs how long a whole request may take to arrive, from its first byte
 * @param maxInitialLineBytes longest request line
 * @param maxHeaderBytes all header fields of a request together
 * @param maxChunkBytes piece in which a body is handed on
 * @param maxBodyBytes body of a request
 */
public record HttpEdgeOptions(
        String host,
        int port,
        int eventLoops,
        int backlog,
        int maxConnections,
        int maxConnectionsPerAddress,
        int maxPipelinedRequests,
        int idleTimeoutMs,
        int requestTimeoutMs,
        int maxInitialLineBytes,
        int maxHeaderBytes,
        int maxChunkBytes,
        int maxBodyBytes) {
    /** The largest body that any setting of any route may allow. */
    public static final int LARGEST_BODY_BYTES = 64 * 1024 * 1024;

    private static final Setting<String> HOST = Setting.ofText(
            "RINGLEDGER_HTTP_HOST", "127.0.0.1", "address that the HTTP server listens on");

    private static final Setting<Integer> PORT = Setting.ofInt(
            "RINGLEDGER_HTTP_PORT",
            8080,
            "",
            0,
            65_535,
            "port that the HTTP server listens on; 0: any free one");

    private static final Setting<Integer> EVENT_LOOPS = Setting.ofInt(
            "RINGLEDGER_HTTP_EVENT_LOOPS",
            0,
            "threads",
            0,
            256,
            "event loops that serve connections; 0: as many as there are processors");

    private static final Setting<Integer> BACKLOG = Setting.ofInt(
            "RINGLEDGER_HTTP_ACCEPT_BACKLOG",
            4096,
            "connections",
            1,
            65_535,
            "connections that wait in the kernel to be accepted");

    private static final Setting<Integer> MAX_CONNECTIONS = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_CONNECTIONS",
            16_384,
            "connections",
            1,
            1_000_000,
            "open connections; a further one takes the place of one that does nothing, or is"
                    + " answered 503 and closed");

    private static final Setting<Integer> MAX_CONNECTIONS_PER_ADDRESS = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_CONNECTIONS_PER_ADDRESS",
            0,
            "connections",
            0,
            1_000_000,
            "open connections from one address (IPv6: from one /64), further ones are answered 503"
                    + " and closed; 0: as many as from all, for behind a load balancer all clients"
                    + " have its addresses");

    private static final Setting<Integer> MAX_PIPELINED_REQUESTS = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_PIPELINED_REQUESTS",
            128,
            "requests",
            1,
            1_024,
            "requests that a connection may have sent without their answers; what comes after them"
                    + " is thrown away, and the connection closes after the last of these answers");

    private static final Setting<Integer> IDLE_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_HTTP_IDLE_TIMEOUT_MS",
            30_000,
            "ms",
            100,
            3_600_000,
            "how long a connection without a request stays open, and how long a client may take"
                    + " nothing of the answers that wait for it; all of them: within 4 times that");

    private static final Setting<Integer> REQUEST_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_HTTP_REQUEST_TIMEOUT_MS",
            10_000,
            "ms",
            100,
            3_600_000,
            "how long a whole request may take to arrive, counted from its first byte");

    private static final Setting<Integer> MAX_INITIAL_LINE_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_REQUEST_LINE_BYTES",
            2048,
            "bytes",
            256,
            65_536,
            "request line: method, target and version");

    private static final Setting<Integer> MAX_HEADER_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_HEADER_BYTES",
            8192,
            "bytes",
            1024,
            65_536,
            "all header fields of a request together");

    private static final Setting<Integer> MAX_CHUNK_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_CHUNK_BYTES",
            65_536,
            "bytes",
            1024,
            1_048_576,
            "pieces in which a request body is read");

    private static final Setting<Integer> MAX_BODY_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_BODY_BYTES",
            16_384,
            "bytes",
            1024,
            1_048_576,
            "body of a request, batches aside");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(
            HOST,
            PORT,
            EVENT_LOOPS,
            BACKLOG,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_ADDRESS,
            MAX_PIPELINED_REQUESTS,
            IDLE_TIMEOUT_MS,
            REQUEST_TIMEOUT_MS,
            MAX_INITIAL_LINE_BYTES,
            MAX_HEADER_BYTES,
            MAX_CHUNK_BYTES,
            MAX_BODY_BYTES);

    /** Takes the limits from the settings of a process. */
    public static HttpEdgeOptions from(final Settings settings) {
        final int eventLoops = settings.get(EVENT_LOOPS);
        return new HttpEdgeOptions(
                settings.get(HOST),
                settings.get(PORT),
                eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops,
                settings.get(BACKLOG),
                settings.get(MAX_CONNECTIONS),
                settings.get(MAX_CONNECTIONS_PER_ADDRESS),
                settings.get(MAX_PIPELINED_REQUESTS),
                settings.get(IDLE_TIMEOUT_MS),
                settings.get(REQUEST_TIMEOUT_MS),
                settings.get(MAX_INITIAL_LINE_BYTES),
                settings.get(MAX_HEADER_BYTES),
                settings.get(MAX_CHUNK_BYTES),
                settings.get(MAX_BODY_BYTES));
    }
}
