package io.ringledger.readmodel;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SettingsException;
import io.ringledger.readmodel.ViewRoles.Login;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code ./ringledger database-roles}: makes the roles of the database and ends. The only process
 * that knows an administrator's password.
 */
public final class ViewRolesMain {
    private static final Setting<String> CONSUMER_USER = Setting.ofText(
            "RINGLEDGER_POSTGRES_CONSUMER_USER",
            "ringledger_consumer",
            "the role of kinesis-consumer, which owns the views");
    private static final Setting<String> CONSUMER_PASSWORD = Setting.ofOptionalSecret(
            "RINGLEDGER_POSTGRES_CONSUMER_PASSWORD", "the password that the consumer's role gets");
    private static final Setting<String> READER_USER = Setting.ofText(
            "RINGLEDGER_POSTGRES_READER_USER",
            "ringledger_reader",
            "the role of read-model, which may only read the views");
    private static final Setting<String> READER_PASSWORD = Setting.ofOptionalSecret(
            "RINGLEDGER_POSTGRES_READER_PASSWORD", "the password that the reader's role gets");
    private static final Setting<PostgresSettings.Login> ROLES_LOGIN = Setting.ofChoice(
            "RINGLEDGER_POSTGRES_ROLES_LOGIN",
            PostgresSettings.Login.PASSWORD,
            "how both roles log in: `password`, with these two, which must be set; `iam`, with"
                    + " tokens of IAM (RDS and Aurora)");

    private static final int EXIT_FAILED = 1;
    private static final int EXIT_SETTINGS = 64;

    private ViewRolesMain() {}

    /** The settings of this process; user and password are the administrator's. */
    public static List<Setting<?>> declarations() {
        final List<Setting<?>> all = new ArrayList<>(PostgresSettings.declarations());
        all.addAll(List.of(
                CONSUMER_USER, CONSUMER_PASSWORD, READER_USER, READER_PASSWORD, ROLES_LOGIN));
        return List.copyOf(all);
    }

    /** Exits with 0 once the roles are there, 1 if they cannot be made, 64 if settings are wrong. */
    public static void main(final String[] arguments) {
        try {
            run(System.getenv());
        } catch (final SettingsException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(EXIT_SETTINGS);
        } catch (final SQLException | IllegalStateException e) {
            System.err.println("cannot make the roles: " + e.getMessage());
            System.exit(EXIT_FAILED);
        }
    }

    static void run(final Map<String, String> environment) throws SQLException {
        final Settings settings = Settings.read(environment, declarations());
        ViewRoles.prepare(
                PostgresSettings.from(settings),
                login(settings, CONSUMER_USER, CONSUMER_PASSWORD),
                login(settings, READER_USER, READER_PASSWORD));
    }

    private static Login login(
            final Settings settings, final Setting<String> user, final Setting<String> password) {
        final String set = settings.get(password);
        if ((settings.get(ROLES_LOGIN) == PostgresSettings.Login.IAM) != set.isEmpty()) {
            throw new IllegalArgumentException(password.name() + " must be set with "
                    + ROLES_LOGIN.name() + "=password, and not with iam");
        }
        return new Login(settings.get(user), set);
    }
}
