package io.ringledger.localstack;

import io.ringledger.emulators.LocalAws;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.ViewRoles.Login;

import java.util.HashMap;
import java.util.Map;

/** The environment that each service finds in a local stack. Stateless. */
public final class Environments {
    private static final String LOOPBACK = "127.0.0.1";

    private Environments() {}

    /** For {@code LedgerMain}. */
    public static Map<String, String> ledger(
            final Ground ground, final StackOptions options, final int port) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("RINGLEDGER_HTTP_HOST", LOOPBACK);
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        environment.put("RINGLEDGER_STREAM", Ground.NAME);
        environment.put("RINGLEDGER_PARTITIONS", Integer.toString(options.partitions()));
        environment.put("RINGLEDGER_LEDGER_TABLE", Ground.NAME);
        environment.put("RINGLEDGER_CREATE_LEDGER_TABLE", "true");
        environment.put("RINGLEDGER_KINESIS_ENDPOINT", ground.kinesisEndpoint().toString());
        environment.put(
                "RINGLEDGER_DYNAMODB_ENDPOINT", ground.dynamoDbEndpoint().toString());
        environment.putAll(options.ledgerSettings());
        return environment;
    }

    /** For {@code VerifyMain} and services by hand: past the fault proxies, as the administrator of the database, with what the SDK needs. */
    public static Map<String, String> outside(final Ground ground, final StackOptions options) {
        final Map<String, String> environment = postgres(
                ground.postgres(),
                new Login(ground.postgres().user(), ground.postgres().password()));
        environment.put("RINGLEDGER_STREAM", Ground.NAME);
        environment.put("RINGLEDGER_PARTITIONS", Integer.toString(options.partitions()));
        environment.put(
                "RINGLEDGER_KINESIS_ENDPOINT", ground.kinesis().endpoint().toString());
        environment.put(
                "RINGLEDGER_DYNAMODB_ENDPOINT", ground.dynamoDb().endpoint().toString());
        environment.put("AWS_ACCESS_KEY_ID", "local");
        environment.put("AWS_SECRET_ACCESS_KEY", "local");
        environment.put("AWS_REGION", LocalAws.REGION.id());
        return environment;
    }

    /** For {@code ReadModelMain}. */
    public static Map<String, String> readModel(final Ground ground, final int port) {
        final Map<String, String> environment = postgres(ground.postgres(), Ground.READER);
        environment.put("RINGLEDGER_HTTP_HOST", LOOPBACK);
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        return environment;
    }

    /** For {@code ConsumerMain}. */
    public static Map<String, String> consumer(
            final Ground ground, final StackOptions options, final int port) {
        final Map<String, String> environment = postgres(ground.postgres(), Ground.CONSUMER);
        environment.put("RINGLEDGER_HTTP_HOST", LOOPBACK);
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        environment.put("RINGLEDGER_STREAM", Ground.NAME);
        environment.put("RINGLEDGER_PARTITIONS", Integer.toString(options.partitions()));
        environment.put("RINGLEDGER_KINESIS_ENDPOINT", ground.kinesisEndpoint().toString());
        environment.put(
                "RINGLEDGER_DYNAMODB_ENDPOINT", ground.dynamoDbEndpoint().toString());
        environment.putAll(options.consumerSettings());
        return environment;
    }

    private static Map<String, String> postgres(final PostgresLocal postgres, final Login login) {
        final Map<String, String> environment = new HashMap<>();
        environment.put(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://" + postgres.host() + ":" + postgres.port() + "/"
                        + postgres.database());
        environment.put("RINGLEDGER_POSTGRES_USER", login.name());
        environment.put("RINGLEDGER_POSTGRES_PASSWORD", login.password());
        return environment;
    }
}
