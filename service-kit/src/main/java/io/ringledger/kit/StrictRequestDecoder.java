package io.ringledger.kit;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Vert.x's decoder, but a request with both Content-Length and Transfer-Encoding is refused: Netty
 * drops the length and goes on, and an intermediary that does the opposite lets a second request be
 * smuggled inside the first (RFC 9112, 6.1).
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    private StrictRequestDecoder(final HttpServerOptions options) {
        super(options);
    }

    /** Takes the place of the decoder in the pipeline of a new connection. */
    static void install(final ChannelPipeline pipeline, final HttpServerOptions options) {
        pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options));
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(final HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
    }
}
