package io.ringledger.ledger.http;

import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import java.util.List;

/**
 * The limits of HTTP for commands.
 *
 * @param answerTimeoutMs how long a request waits for its outcome to become durable
 * @param maxCommandsInFlight commands that wait for their outcomes, those of batches too
 * @param maxBatchesInFlight batches that are whole and not answered
 * @param maxBodyBytes body of a request for one command
 * @param maxBatchBodyBytes body of a batch
 * @param maxBatchBytes bodies of all batches that are being received or decoded
 */
public record CommandHttpOptions(
        int answerTimeoutMs,
        int maxCommandsInFlight,
        int maxBatchesInFlight,
        int maxBodyBytes,
        int maxBatchBodyBytes,
        int maxBatchBytes) {
    /** Most commands of one batch: part of the API. */
    public static final int MAX_BATCH_COMMANDS = 10_000;

    private static final Setting<Integer> ANSWER_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_ANSWER_TIMEOUT_MS",
            30_000,
            "ms",
            50,
            600_000,
            "how long a command waits for its outcome to become durable before 503"
                    + " outcome_unknown");

    private static final Setting<Integer> MAX_COMMANDS_IN_FLIGHT = Setting.ofInt(
            "RINGLEDGER_MAX_COMMANDS_IN_FLIGHT",
            131_072,
            "commands",
            CommandHttpOptions.MAX_BATCH_COMMANDS,
            10_000_000,
            "commands that wait for their outcomes, batches included; more are answered 503");

    private static final Setting<Integer> MAX_BATCHES_IN_FLIGHT = Setting.ofInt(
            "RINGLEDGER_MAX_BATCHES_IN_FLIGHT",
            64,
            "batches",
            1,
            10_000,
            "batches whose body is whole, until their answer has been taken; more are answered"
                    + " 503");

    private static final Setting<Integer> MAX_BATCH_BODY_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_BATCH_BODY_BYTES",
            4 * 1024 * 1024,
            "bytes",
            1_024,
            HttpEdgeOptions.LARGEST_BODY_BYTES,
            "body of a batch");

    private static final Setting<Integer> MAX_BATCH_BYTES = Setting.ofInt(
            "RINGLEDGER_HTTP_MAX_BATCH_BYTES_RECEIVED",
            128 * 1024 * 1024,
            "bytes",
            1_024,
            1024 * 1024 * 1024,
            "bodies of all batches being received or decoded, not less than the largest one; more"
                    + " are answered 503");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(
            ANSWER_TIMEOUT_MS,
            MAX_COMMANDS_IN_FLIGHT,
            MAX_BATCHES_IN_FLIGHT,
            MAX_BATCH_BODY_BYTES,
            MAX_BATCH_BYTES);

    /** Refuses limits that contradict each other. */
    public CommandHttpOptions {
        if (maxBatchBytes < maxBatchBodyBytes) {
            throw new IllegalArgumentException(
                    "no room for a whole batch: " + MAX_BATCH_BYTES.name() + "=" + maxBatchBytes
                            + ", " + MAX_BATCH_BODY_BYTES.name() + "=" + maxBatchBodyBytes);
        }
    }

    /** Takes the limits from the settings of a process, and that of a body from its edge. */
    public static CommandHttpOptions from(final Settings settings, final HttpEdgeOptions edge) {
        return new CommandHttpOptions(
                settings.get(ANSWER_TIMEOUT_MS),
                settings.get(MAX_COMMANDS_IN_FLIGHT),
                settings.get(MAX_BATCHES_IN_FLIGHT),
                edge.maxBodyBytes(),
                settings.get(MAX_BATCH_BODY_BYTES),
                settings.get(MAX_BATCH_BYTES));
    }
}
