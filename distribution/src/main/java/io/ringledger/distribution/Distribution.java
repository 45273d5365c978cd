package io.ringledger.distribution;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts {@code dist/} together: every jar once, the class path of each service as the service was
 * tested with, the start script and its options, the bill of materials, the licences. It replaces
 * an older one when it is whole, or leaves it. Used by one thread.
 */
final class Distribution {
    /** The modules whose processes are shipped; each has a main class in the start script. */
    static final List<String> SERVICES = List.of("ledger", "kinesis-consumer", "read-model");

    private static final String EXECUTABLE = "rwxr-xr-x";
    private static final String READABLE = "rw-r--r--";

    private final Path root;
    private final String version;
    private final Path module;
    private final Path fresh;

    /**
     * What is built and not yet put together.
     *
     * @param root folder of the project
     * @param version of its modules
     */
    Distribution(final Path root, final String version) {
        this.root = root;
        this.version = version;
        module = root.resolve("distribution");
        fresh = module.resolve("target/dist");
    }

    /** Whether a build has made the bill of materials. */
    boolean hasBill() {
        return Files.exists(bill());
    }

    private Path bill() {
        return module.resolve("target/bom.xml");
    }

    /** Takes an older folder away, if there is one. */
    void remove() throws IOException {
        delete(root.resolve("dist"));
    }

    /**
     * Makes the folder.
     *
     * @return the folder
     * @throws RefusedException if what was built must not be shipped
     */
    Path make() throws IOException, RefusedException {
        delete(fresh);
        Files.createDirectories(fresh.resolve("classpath"));
        Files.createDirectories(fresh.resolve("lib"));
        final Map<String, Path> jars = new TreeMap<>();
        for (final String service : SERVICES) {
            final List<Path> classPath = classPath(service);
            classPath.forEach(jar -> jars.putIfAbsent(name(jar), jar));
            Files.writeString(
                    fresh.resolve("classpath").resolve(service),
                    classPath.stream()
                            .map(jar -> "lib/" + name(jar))
                            .collect(Collectors.joining(":", "", "\n")));
        }
        for (final Map.Entry<String, Path> jar : jars.entrySet()) {
            Files.copy(jar.getValue(), fresh.resolve("lib").resolve(jar.getKey()));
        }
        final List<Component> components = BillOfMaterials.read(bill());
        compare(components);
        Files.copy(module.resolve("target/bom.json"), fresh.resolve("bom.json"));
        Files.writeString(
                fresh.resolve("licences.md"),
                licences(components, LicencePolicy.read(module.resolve("licences.txt"))));
        copy(module.resolve("src/dist"));
        setPermissions();
        final Path dist = root.resolve("dist");
        delete(dist);
        return Files.move(fresh, dist);
    }

    /** What the service was built and tested with, itself first. */
    private List<Path> classPath(final String service) throws IOException, RefusedException {
        final Path target = root.resolve(service).resolve("target");
        final Path list = target.resolve("classpath.txt");
        if (!Files.exists(list)) {
            throw new RefusedException(service + " has not been packaged: no " + list);
        }
        final List<Path> jars = new ArrayList<>();
        jars.add(target.resolve(service + "-" + version + ".jar"));
        for (final String entry : Files.readString(list).strip().split(File.pathSeparator, -1)) {
            jars.add(Path.of(entry));
        }
        for (final Path jar : jars) {
            // A module that was only compiled stands there as a folder.
            if (!Files.isRegularFile(jar)) {
                throw new RefusedException(service + " has not been packaged: no jar " + jar);
            }
        }
        return jars;
    }

    /** Nothing is shipped that the bill does not have, by its contents, and the other way round. */
    private void compare(final List<Component> components) throws IOException, RefusedException {
        final Map<String, Component> billed = new HashMap<>();
        components.forEach(component -> billed.put(component.jar(), component));
        final Set<String> problems = new TreeSet<>();
        try (Stream<Path> jars = Files.list(fresh.resolve("lib"))) {
            for (final Path jar : jars.toList()) {
                final Component component = billed.remove(name(jar));
                if (component == null) {
                    problems.add(name(jar) + " is not in the bill of materials");
                } else if (!component.isOurs() && !component.sha256().equals(sha256(jar))) {
                    // Ours change with every build, and an offline one has an older bill.
                    problems.add(name(jar) + " is another file than the bill of materials has");
                }
            }
        }
        billed.keySet().forEach(jar -> problems.add(jar + " is billed and in no class path"));
        if (!problems.isEmpty()) {
            throw new RefusedException(String.join("\n", problems));
        }
    }

    /** The list for people, by licence; all that is refused in one message. */
    static String licences(final List<Component> components, final LicencePolicy policy)
            throws RefusedException {
        final List<String> problems = new ArrayList<>();
        final Map<String, List<Component>> byLicence = new TreeMap<>();
        for (final Component component : components) {
            if (component.isOurs()) {
                continue;
            }
            try {
                byLicence
                        .computeIfAbsent(
                                String.join(" or ", policy.choose(component)),
                                _ -> new ArrayList<>())
                        .add(component);
            } catch (final RefusedException e) {
                problems.add(e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new RefusedException(String.join("\n", problems));
        }
        final StringBuilder text = new StringBuilder("""
                # Licences of what is in lib/

                Made by the build from bom.json, which has more about each. Where a library offers several
                licences, those that we take are named.
                """);
        byLicence.forEach((licence, of) -> {
            text.append("\n## ").append(licence).append("\n\n");
            of.forEach(component -> text.append("- ").append(component).append('\n'));
        });
        return text.toString();
    }

    private void copy(final Path from) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                final Path to = fresh.resolve(from.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    /** Another user than the one who builds reads all of it and writes none, whatever the umask. */
    private void setPermissions() throws IOException {
        try (Stream<Path> files = Files.walk(fresh)) {
            for (final Path file : files.toList()) {
                final boolean isExecutable =
                        Files.isDirectory(file) || file.startsWith(fresh.resolve("bin"));
                Files.setPosixFilePermissions(
                        file,
                        PosixFilePermissions.fromString(isExecutable ? EXECUTABLE : READABLE));
            }
        }
    }

    private static String name(final Path file) {
        return file.getFileName().toString();
    }

    private static String sha256(final Path file) throws IOException {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void delete(final Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes)
                    throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    final Path directory, final @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
