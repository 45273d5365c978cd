package io.ringledger.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the image gives a service, without Docker: {@code dist/} in another place, a path with
 * nothing but bash on it, one folder for temporary files; and where this process may make that (it
 * takes root on Linux), a root that cannot be written, and a user without any right. Thread-safe.
 */
final class Container implements AutoCloseable {
    private static final long RUN_LIMIT_S = 60;
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    /** In mounts of its own: $1 stays writable, $2 appears at $3, everything else is read-only. */
    private static final String SEAL = """
            set -e
            mount --make-rprivate /
            mount --bind "$1" "$1"
            mount --bind "$2" "$3"
            mount -o remount,bind,ro "$3"
            mount -o remount,bind,ro /
            shift 3
            exec setpriv --reuid=10001 --regid=10001 --clear-groups "$@"
            """;

    private final Path dist;
    private final Path folder;
    private final boolean isSealed;

    private Container(final Path dist, final Path folder) throws Exception {
        this.dist = dist;
        this.folder = folder;
        isSealed = canSeal();
    }

    /** A container of {@code dist}; says on the console how tight it is. */
    static Container of(final Path dist) throws Exception {
        final Path folder = Files.createTempDirectory("ringledger-dist-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (final String name : List.of("tmp", "opt", "tools")) {
            Files.createDirectory(folder.resolve(name));
        }
        Files.setPosixFilePermissions(
                folder.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(folder.resolve("tools/bash"), Path.of("/bin/bash"));
        final Container container = new Container(dist, folder);
        System.out.println(
                container.isSealed
                        ? "container: read-only root, user 10001"
                        : "container: neither a read-only root nor another user can be had here");
        return container;
    }

    /** Whether the root is read-only and the user another one. */
    boolean isSealed() {
        return isSealed;
    }

    /** Where a process in it finds {@code dist/}. */
    Path home() {
        return isSealed ? folder.resolve("opt") : dist;
    }

    /** The only place that it can write to. */
    Path temporary() {
        return folder.resolve("tmp");
    }

    /** A place that it sees and must not write to. */
    Path elsewhere() {
        return folder.resolve("tools");
    }

    /** Starts the entry point of the image. */
    Process start(final Map<String, String> environment, final Path log, final String... arguments)
            throws IOException {
        final List<String> command =
                new ArrayList<>(List.of(home().resolve("bin/ringledger").toString()));
        command.addAll(List.of(arguments));
        return exec(environment, log, command);
    }

    /** Runs the entry point until it ends, and gives its exit code. */
    int run(final Map<String, String> environment, final Path log, final String... arguments)
            throws Exception {
        return await(start(environment, log, arguments));
    }

    /** Whether a process in it can make a file. */
    boolean canWrite(final Path file) throws Exception {
        return await(exec(
                        Map.of(),
                        folder.resolve("probe.log"),
                        List.of("/bin/bash", "-c", ": > \"$0\"", file.toString())))
                == 0;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Process exec(
            final Map<String, String> environment, final Path log, final List<String> program)
            throws IOException {
        final List<String> command = new ArrayList<>();
        if (isSealed) {
            command.addAll(seal());
        }
        // Only now, so that the seal itself finds its programs.
        command.addAll(List.of("/usr/bin/env", "PATH=" + folder.resolve("tools")));
        command.addAll(program);
        return launch(environment, log, command);
    }

    private List<String> seal() {
        return List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                SEAL,
                "seal",
                temporary().toString(),
                dist.toString(),
                folder.resolve("opt").toString());
    }

    private Process launch(
            final Map<String, String> environment, final Path log, final List<String> command)
            throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
        builder.environment().put("TMPDIR", temporary().toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Tries it with the JVM, which the other user must be able to start. */
    private boolean canSeal() throws Exception {
        final List<String> command = new ArrayList<>(seal());
        command.addAll(
                List.of("/usr/bin/test", "-x", JAVA_HOME.resolve("bin/java").toString()));
        try {
            return await(launch(Map.of(), folder.resolve("probe.log"), command)) == 0;
        } catch (final IOException e) {
            // No such programs: not Linux, or a very small one.
            return false;
        }
    }

    private static int await(final Process process) throws InterruptedException {
        if (!process.waitFor(RUN_LIMIT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("did not end within " + RUN_LIMIT_S + " s: " + process);
        }
        return process.exitValue();
    }
}
