package io.ringledger.localstack;

import io.ringledger.kit.Scope;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code ./ringledger token}: makes a token for services on this machine. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description =
                "Makes a token for services on this machine, with a key that it makes and keeps,"
                        + " and prints it. Says beside it, on standard error, by which settings a"
                        + " service takes it.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"1:the key cannot be read or made", "2:the arguments are wrong"})
public final class TokenMain implements Callable<Integer> {
    @Option(
            names = "--keys",
            description = "folder of the key (default: local-stack/target/tokens)")
    private Path keys = LocalIssuer.usualFolder();

    @Option(
            names = "--client",
            defaultValue = "local",
            description = "who it is for (default: ${DEFAULT-VALUE})")
    private String client = "";

    @Option(
            names = "--accounts",
            defaultValue = "*",
            description = "what the ids of the client's accounts begin with; * for all (default:"
                    + " ${DEFAULT-VALUE})")
    private String accounts = "";

    @Option(
            names = "--scope",
            split = ",",
            description = "what the client may do: ${COMPLETION-CANDIDATES} (default: all)")
    private Set<Scope> scopes = EnumSet.allOf(Scope.class);

    @Option(
            names = "--minutes",
            defaultValue = "60",
            description = "how long it is valid (default: ${DEFAULT-VALUE})")
    private int minutes;

    private TokenMain() {}

    /** Prints one token. */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new TokenMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        if (minutes < 1) {
            System.err.println("--minutes must be at least 1, not " + minutes);
            return CommandLine.ExitCode.USAGE;
        }
        final LocalIssuer issuer;
        try {
            issuer = LocalIssuer.in(keys);
        } catch (final IOException e) {
            System.err.println("cannot make a token: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        issuer.settings().forEach((name, value) -> System.err.println(name + "=" + value));
        System.out.println(issuer.token(
                client, accounts, scopes, Instant.now().plus(Duration.ofMinutes(minutes))));
        return CommandLine.ExitCode.OK;
    }
}
