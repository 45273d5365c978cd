package io.ringledger.ledger.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Grant;
import io.ringledger.kit.GrantedHandler;
import io.ringledger.kit.HttpBody;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.Texts;
import io.ringledger.kit.trace.Tracing;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Answers the requests of the command side. Thread-safe: one for all event loops.
 *
 * <p>What is wrong with a request is found in this order: path, method, query string, account id,
 * whose account it is, content type, idempotency key, length of the body, JSON, members, values; of
 * an opening and of a batch's commands, whose account it is; then whether there is room; only then
 * does anything happen.
 */
public final class CommandHttpHandler implements Handler<HttpServerRequest>, GrantedHandler {
    private final CommandGateway gateway;

    /** The same without traces. */
    public CommandHttpHandler(
            final Vertx vertx,
            final CommandIngress ingress,
            final CommandHttpOptions options,
            final MeterRegistry registry) {
        this(vertx, ingress, options, registry, Tracing.OFF);
    }

    /**
     * Sends commands to {@code ingress} and answers with what becomes of them.
     *
     * @param tracing which has begun the spans of the requests that it samples
     */
    public CommandHttpHandler(
            final Vertx vertx,
            final CommandIngress ingress,
            final CommandHttpOptions options,
            final MeterRegistry registry,
            final Tracing tracing) {
        gateway = new CommandGateway(vertx, ingress, options, registry, tracing);
    }

    /** Answers a request of somebody who may do everything. */
    @Override
    public void handle(final HttpServerRequest request) {
        handle(request, Grant.EVERYTHING);
    }

    /** Whatever goes wrong is answered, and counted: somebody has to hear of it. */
    @Override
    public void handle(final HttpServerRequest request, final Grant grant) {
        try {
            answer(request, grant);
        } catch (final RuntimeException e) {
            gateway.failed(request, e);
        }
    }

    private void answer(final HttpServerRequest request, final Grant grant) {
        final EventLoop loop = gateway.loop();
        final RequestTarget target = loop.target();
        target.parse(request.uri());
        final Route route = target.route();
        CommandTrace.name(gateway.tracing(), request, route);
        if (gateway.forwarder().isAstray(request)) {
            refuse(request, CommandGateway.NO_OWNER);
        } else if (!route.method().equals(request.method().name()) || route == Route.QUERY) {
            otherMethod(request, route);
        } else if (route == Route.BATCH) {
            batch(request, grant, loop, target);
        } else {
            command(request, grant, loop, target);
        }
    }

    private void command(
            final HttpServerRequest request,
            final Grant grant,
            final EventLoop loop,
            final RequestTarget target) {
        final Route route = target.route();
        final String key = RequestHead.key(request);
        final String accountId = route == Route.OPEN_ACCOUNT ? "" : target.accountId();
        Problem refusal = targetProblem(target, accountId);
        if (refusal == null && route != Route.OPEN_ACCOUNT) {
            refusal = ownerProblem(grant, Objects.requireNonNull(accountId));
        }
        if (refusal == null) {
            refusal = RequestHead.contentProblem(request);
        }
        if (refusal == null) {
            refusal = RequestHead.keyProblem(request, key);
        }
        if (refusal != null) {
            refuse(request, refusal);
            return;
        }
        // Both would have been refused if they were null.
        final CommandExchange exchange = new CommandExchange(
                gateway,
                loop,
                request,
                grant,
                route,
                Objects.requireNonNull(accountId),
                Objects.requireNonNull(key));
        HttpBody.collect(request, gateway.options().maxBodyBytes(), null, exchange);
    }

    private void batch(
            final HttpServerRequest request,
            final Grant grant,
            final EventLoop loop,
            final RequestTarget target) {
        Problem refusal = targetProblem(target, "");
        if (refusal == null) {
            refusal = RequestHead.contentProblem(request);
        }
        if (refusal == null && gateway.batches().isFull()) {
            refusal = CommandGateway.TOO_MANY_BATCHES;
        }
        if (refusal != null) {
            refuse(request, refusal);
            return;
        }
        new BatchExchange(gateway, loop, request, grant).receive();
    }

    private static @Nullable Problem targetProblem(
            final RequestTarget target, final @Nullable String accountId) {
        if (target.hasQuery()) {
            return Problem.of(ProblemCode.INVALID_PARAMETER, "commands take no query parameters");
        }
        return accountId == null
                ? Problem.of(
                        ProblemCode.INVALID_ACCOUNT_ID,
                        "the account id in the path must have " + Texts.TOKEN_RULE)
                : null;
    }

    /** What stands for an account that is not there: nobody learns whether another client has it. */
    private static @Nullable Problem ownerProblem(final Grant grant, final String accountId) {
        return grant.covers(accountId) ? null : Answers.NOT_FOUND;
    }

    private void otherMethod(final HttpServerRequest request, final Route route) {
        final HttpMethod method = request.method();
        final boolean isRead = HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method);
        if (route == Route.NONE || (isRead && route.isReadable())) {
            refuse(
                    request,
                    Problem.of(
                            ProblemCode.ROUTE_NOT_FOUND,
                            route == Route.NONE
                                    ? "there is no such path"
                                    : "the query service answers this path"));
        } else if (HttpMethod.OPTIONS.equals(method)) {
            request.response()
                    .setStatusCode(204)
                    .putHeader(HttpHeaders.ALLOW, route.allow())
                    .end();
        } else {
            refuse(request, Problem.methodNotAllowed(route.allow()));
        }
    }

    /** Throws the body away, of which no more than a command's may come, and answers. */
    private void refuse(final HttpServerRequest request, final Problem problem) {
        gateway.metrics().problem(problem.code());
        HttpBody.refuse(request, gateway.options().maxBodyBytes(), problem);
    }
}
