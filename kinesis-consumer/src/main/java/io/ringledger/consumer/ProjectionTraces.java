package io.ringledger.consumer;

import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.kit.trace.Tracing;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The end of a traced request's way: a span for the transaction that brought its rows into the views,
 * below the span that sent its command into the log, and a line in the log by which its correlation
 * id is found. Only what is in the views gets one: a batch that missed is tried again. Thread-safe.
 */
final class ProjectionTraces implements ProjectionListener {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectionTraces.class);

    private final ProjectionListener next;
    private final Tracing tracing;

    /**
     * @param next hears everything too
     */
    ProjectionTraces(final ProjectionListener next, final Tracing tracing) {
        this.next = next;
        this.tracing = tracing;
    }

    @Override
    public void committed(final ViewBatch batch, final long tookNs) {
        next.committed(batch, tookNs);
        if (!tracing.isOn() || batch.traced().isEmpty()) {
            return;
        }
        final Instant end = Instant.now();
        final long endEpochNs = TimeUnit.SECONDS.toNanos(end.getEpochSecond()) + end.getNano();
        for (final ViewBatch.Traced traced : batch.traced()) {
            final TraceSpan span =
                    tracing.received("project", traced.sender(), endEpochNs - tookNs);
            if (span != null) {
                record(batch, traced, span, endEpochNs);
            }
        }
    }

    private static void record(
            final ViewBatch batch,
            final ViewBatch.Traced traced,
            final TraceSpan span,
            final long endEpochNs) {
        final int partition = batch.to().partition();
        span.set("ringledger.partition", partition)
                .set("ringledger.frame", traced.frame())
                .set("ringledger.sequence", traced.firstSequence())
                .set("ringledger.events", traced.events())
                .set("ringledger.batch.events", batch.events())
                .set("ringledger.batch.frames", batch.frames());
        span.endAt(endEpochNs);
        LOG.atInfo()
                .addKeyValue("correlationId", traced.sender().traceId())
                .addKeyValue("partition", partition)
                .addKeyValue("sequence", traced.firstSequence())
                .addKeyValue("frame", traced.frame())
                .addKeyValue("events", traced.events())
                .log("a sampled command is in the views");
    }

    @Override
    public void missed(final ViewBatch batch) {
        next.missed(batch);
    }

    @Override
    public void duplicate(final int partition) {
        next.duplicate(partition);
    }

    @Override
    public void fenced(final int partition) {
        next.fenced(partition);
    }
}
