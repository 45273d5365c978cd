package io.ringledger.localstack;

import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceParent;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.OriginRequestProvider;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends what reads to the query side and everything else to the command side, whose processes take
 * turns, as the load balancer does on AWS. A side that does not answer gives 503: for a command the outcome is unknown then.
 */
public final class Gateway {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int POOL_SIZE = 512;
    private static final int POOL_QUEUE = 4_096;
    private static final int CONNECT_TIMEOUT_MS = 2_000;

    private Gateway() {}

    /**
     * A handler for the public port.
     *
     * @param ledgerPorts where the processes of the write side listen, on loopback
     * @param readModelPort where the query side listens
     */
    public static Handler<HttpServerRequest> create(
            final Vertx vertx, final List<Integer> ledgerPorts, final int readModelPort) {
        final HttpProxy commands =
                proxy(vertx, ledgerPorts, ProblemCode.OUTCOME_UNKNOWN, "the write side is away");
        final HttpProxy queries = proxy(
                vertx,
                List.of(readModelPort),
                ProblemCode.VIEW_UNAVAILABLE,
                "the query side is away");
        return request -> {
            final HttpMethod method = request.method();
            if (HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method)) {
                queries.handle(request);
            } else {
                commands.handle(request);
            }
        };
    }

    private static HttpProxy proxy(
            final Vertx vertx,
            final List<Integer> ports,
            final ProblemCode code,
            final String detail) {
        final List<SocketAddress> origins = ports.stream()
                .map(port -> SocketAddress.inetSocketAddress(port, LOOPBACK))
                .toList();
        final AtomicInteger turn = new AtomicInteger();
        final HttpClient client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_TIMEOUT_MS)
                        .setKeepAlive(true)
                        .setPipelining(false),
                new PoolOptions().setHttp1MaxSize(POOL_SIZE).setMaxWaitQueueSize(POOL_QUEUE));
        return HttpProxy.reverseProxy(client)
                .origin(OriginRequestProvider.selector(context -> Future.succeededFuture(
                        origins.get(Math.floorMod(turn.getAndIncrement(), origins.size())))))
                .addInterceptor(new OneCorrelationId())
                .addInterceptor(new AnswerWhenAway(Problem.of(code, detail), code.status()));
    }

    /** The service behind gets the id that this server has given, and does not name it again. */
    private static final class OneCorrelationId implements ProxyInterceptor {
        @Override
        public Future<ProxyResponse> handleProxyRequest(final ProxyContext context) {
            final HttpServerRequest asked = context.request().proxiedRequest();
            context.request().putHeader(TraceParent.HEADER, Correlation.onwards(asked));
            return context.sendRequest();
        }

        @Override
        public Future<Void> handleProxyResponse(final ProxyContext context) {
            context.response().headers().remove(Correlation.HEADER);
            return context.sendResponse();
        }
    }

    /**
     * Answers a problem where a side is not there.
     *
     * @param problem what to say
     * @param status with which HTTP status
     */
    private record AnswerWhenAway(Problem problem, int status) implements ProxyInterceptor {
        @Override
        public Future<ProxyResponse> handleProxyRequest(final ProxyContext context) {
            return context.sendRequest().recover(failure -> {
                final ProxyResponse response = context.request().release().response();
                response.setStatusCode(status);
                response.putHeader("Content-Type", Problem.CONTENT_TYPE);
                response.putHeader("Retry-After", "1");
                response.setBody(Body.body(Buffer.buffer(problem.toBytes())));
                return Future.succeededFuture(response);
            });
        }
    }
}
