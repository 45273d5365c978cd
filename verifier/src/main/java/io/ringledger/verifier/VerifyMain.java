package io.ringledger.verifier;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.ledger.log.KinesisClients;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.LedgerLimits;
import io.ringledger.model.ModelContext;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.snapshots.SnapshotSettings;
import io.ringledger.snapshots.SnapshotStore;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** {@code ./ringledger verify}: proves a log and its views, or says where they first differ. */
@Command(
        name = "./ringledger verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Reads the log of a ledger and checks every record: whole frames and markers, frame"
                    + " numbers, sequences, the chain of hashes, epochs and fences, duplicates,"
                    + " every event against the state before it, and the sums of every currency."
                    + " With --views it also compares the views in Postgres with the fold of the"
                    + " log at exactly their position: every account and every entry. It only"
                    + " reads, and may run beside a live ledger.",
            "",
            "Exit code 0: no difference. 1: the first difference is printed: partition, frame,"
                    + " sequence, record, what was expected and what was found. 2: it could not"
                    + " be verified: no stream, no Postgres, wrong settings, no whole export.",
            ""
        },
        footer = {
            "",
            "Stream, endpoints, window, snapshot store and Postgres are read from the environment"
                    + " of the services (docs/configuration.md): RINGLEDGER_STREAM,"
                    + " RINGLEDGER_PARTITIONS, RINGLEDGER_KINESIS_ENDPOINT,"
                    + " RINGLEDGER_IDEMPOTENCY_WINDOW_MS, RINGLEDGER_SNAPSHOT_STORE,"
                    + " RINGLEDGER_POSTGRES_URI, _USER and _PASSWORD.",
            "",
            "Examples:",
            "  ./ringledger verify --views --env-file local-stack/target/logs/up-8080.env",
            "  ./ringledger verify --from-snapshots --partition 3",
            "  ./ringledger verify --export ledger.log",
            "  ./ringledger verify --input ledger.log"
        })
public final class VerifyMain implements Callable<Integer> {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

    private static final Setting<String> STREAM = Setting.ofText(
            "RINGLEDGER_STREAM", "ringledger", "name of the Kinesis stream that is the log");
    private static final Setting<Integer> PARTITIONS = Setting.ofInt(
            "RINGLEDGER_PARTITIONS",
            2,
            "partitions",
            1,
            LedgerLimits.MAX_PARTITIONS,
            "partitions of the ledger; fixed when it is created");
    private static final Setting<String> KINESIS_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_KINESIS_ENDPOINT", "another address of Kinesis than AWS's");
    private static final Setting<Long> WINDOW_MS = Setting.ofLong(
            "RINGLEDGER_IDEMPOTENCY_WINDOW_MS",
            ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
            "ms",
            1_000,
            365L * 24 * 60 * 60 * 1000,
            "how long a key keeps its outcome; fixed when the ledger is created");

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "verify an export instead of the stream")
    private @Nullable Path input;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = "copy the records of the stream into a new file, and verify nothing")
    private @Nullable Path export;

    @Option(names = "--views", description = "compare the views in Postgres with the log")
    private boolean withViews;

    @Option(
            names = "--from-snapshots",
            description =
                    "begin with the newest valid snapshot of each partition, not with frame 1")
    private boolean fromSnapshots;

    @Option(
            names = "--partition",
            paramLabel = "P",
            description = "only this partition; may be given several times")
    private @Nullable List<Integer> only;

    @Option(
            names = "--from",
            paramLabel = "SHARD:SEQUENCE-NUMBER",
            description = "check the frames of one --partition from this record on, without state")
    private @Nullable String from;

    @Option(
            names = "--read-interval-ms",
            paramLabel = "MS",
            description = "between two reads of a shard (default: ${DEFAULT-VALUE}, a fifth of a"
                    + " second: AWS allows five a second to all readers together)")
    private long readIntervalMs = 200;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "lines NAME=value that come before the environment; `./ringledger up`"
                    + " prints the name of its own")
    private @Nullable Path envFile;

    @Spec
    private @Nullable CommandSpec spec;

    private final Map<String, String> environment;

    VerifyMain(final Map<String, String> environment) {
        this.environment = environment;
    }

    /** Ends with 0, 1 or 2, see the help. */
    public static void main(final String[] arguments) {
        System.exit(run(System.getenv(), arguments));
    }

    /** The command in this process, for tests too. */
    public static int run(final Map<String, String> environment, final String... arguments) {
        final CommandLine command = new CommandLine(new VerifyMain(environment));
        command.setExecutionExceptionHandler((e, line, parsed) -> {
            System.err.println("cannot verify: " + e.getMessage());
            return 2;
        });
        return command.execute(arguments);
    }

    @Override
    public Integer call() throws SQLException, IOException {
        final Settings settings = settings();
        try {
            if (export != null) {
                export(settings, export);
            } else {
                System.out.print(verify(settings));
            }
            return 0;
        } catch (final Difference e) {
            System.out.println("DIFFERENCE: " + e.getMessage());
            return 1;
        }
    }

    private Settings settings() throws IOException {
        final Map<String, String> all = environment();
        final List<Setting<?>> declared =
                new ArrayList<>(List.of(STREAM, PARTITIONS, KINESIS_ENDPOINT, WINDOW_MS));
        declared.addAll(SnapshotSettings.SETTINGS);
        if (withViews) {
            declared.addAll(PostgresSettings.declarations());
        }
        // What else the environment has is for the services.
        final Map<String, String> known = new HashMap<>();
        for (final Setting<?> setting : declared) {
            final String text = all.get(setting.name());
            if (text != null) {
                known.put(setting.name(), text);
            }
        }
        return Settings.read(known, declared);
    }

    private Map<String, String> environment() throws IOException {
        if (envFile == null) {
            return environment;
        }
        final Map<String, String> all = new HashMap<>(environment);
        boolean isEmpty = true;
        for (final String line : readEnvironment(envFile)) {
            final int equals = line.indexOf('=');
            if (equals > 0) {
                all.put(line.substring(0, equals), line.substring(equals + 1));
                isEmpty &= !line.startsWith("RINGLEDGER_");
            }
        }
        if (isEmpty) {
            throw new BadInputException(
                    envFile + " has no line RINGLEDGER_...=value: it is no environment");
        }
        // Where the SDK looks before it looks at the environment.
        setProperty("aws.accessKeyId", all.get("AWS_ACCESS_KEY_ID"));
        setProperty("aws.secretAccessKey", all.get("AWS_SECRET_ACCESS_KEY"));
        setProperty("aws.region", all.get("AWS_REGION"));
        return all;
    }

    private static List<String> readEnvironment(final Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (final NoSuchFileException e) {
            throw new BadInputException(
                    "there is no file " + file
                            + "; `./ringledger up` prints the name of its own, and"
                            + " removes it when it stops",
                    e);
        } catch (final MalformedInputException e) {
            throw new BadInputException(file + " is no text", e);
        }
    }

    private static void setProperty(final String name, final @Nullable String value) {
        if (value != null) {
            System.setProperty(name, value);
        }
    }

    private String verify(final Settings settings) throws SQLException {
        if (input != null) {
            final ExportFile file = ExportFile.open(input);
            return verify(settings, file, file.partitions());
        }
        final int partitions = settings.get(PARTITIONS);
        try (KinesisAsyncClient kinesis = kinesis(settings)) {
            return verify(settings, stream(settings, kinesis), partitions);
        }
    }

    private String verify(final Settings settings, final LogSource source, final int partitions)
            throws SQLException {
        final SecureRandom random = new SecureRandom();
        final ModelContext context = new ModelContext(
                settings.get(WINDOW_MS),
                1_024,
                Integer.MAX_VALUE,
                1_024,
                Integer.MAX_VALUE,
                random.nextLong(),
                random.nextLong());
        try (SnapshotStore snapshots =
                        fromSnapshots ? SnapshotSettings.from(settings).open() : null;
                ViewCheck views =
                        withViews ? ViewCheck.open(PostgresSettings.from(settings)) : null) {
            if (views != null) {
                views.requirePartitions(partitions);
            }
            final Verification verification =
                    new Verification(source, partitions, context, snapshots, views, System.err);
            final LogPosition position = position();
            for (final int partition : wanted(partitions)) {
                if (position == null) {
                    verification.verify(partition);
                } else {
                    verification.verifyFrames(partition, position);
                }
            }
            return verification.summary();
        }
    }

    private void export(final Settings settings, final Path file) {
        final int partitions = settings.get(PARTITIONS);
        try (KinesisAsyncClient kinesis = kinesis(settings);
                ExportFile.Writer writer = new ExportFile.Writer(file, partitions)) {
            final LogSource source = stream(settings, kinesis);
            for (final int partition : wanted(partitions)) {
                Verification.export(source, partition, writer);
            }
            writer.end();
        }
        System.out.println("exported to " + file);
    }

    private LogSource stream(final Settings settings, final KinesisAsyncClient kinesis) {
        return new KinesisSource(
                kinesis, settings.get(STREAM), settings.get(PARTITIONS), readIntervalMs);
    }

    private static KinesisAsyncClient kinesis(final Settings settings) {
        final String endpoint = settings.get(KINESIS_ENDPOINT);
        return KinesisClients.create(
                endpoint.isEmpty() ? null : URI.create(endpoint), CALL_TIMEOUT);
    }

    private List<Integer> wanted(final int partitions) {
        final List<Integer> wanted =
                only == null ? IntStream.range(0, partitions).boxed().toList() : only;
        for (final int partition : wanted) {
            if (partition < 0 || partition >= partitions) {
                throw wrong("--partition " + partition + ": there are " + partitions);
            }
        }
        return wanted;
    }

    private @Nullable LogPosition position() {
        if (from == null) {
            return null;
        }
        final int colon = from.lastIndexOf(':');
        if (colon < 1 || colon == from.length() - 1 || only == null || only.size() != 1) {
            throw wrong("--from needs SHARD:SEQUENCE-NUMBER and one --partition");
        }
        if (fromSnapshots || withViews) {
            throw wrong("--from checks frames alone: no --from-snapshots, no --views");
        }
        return new LogPosition(from.substring(0, colon), from.substring(colon + 1));
    }

    private ParameterException wrong(final String message) {
        final CommandSpec given = spec;
        if (given == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        return new ParameterException(given.commandLine(), message);
    }
}
