package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The project with a planted bug: the changed sources are compiled in memory, and every class of ours
 * is defined anew by a loader of its own, the changed ones from there. Not thread-safe.
 */
final class Mutant extends ClassLoader {
    private static final String OURS = "io.ringledger.";
    private static final String MODULE_SOURCES = "/src/main/java/";

    private final Map<String, byte[]> changed;
    private final Method run;

    private Mutant(final Map<String, byte[]> changed) throws ReflectiveOperationException {
        super("mutant", Mutant.class.getClassLoader());
        this.changed = changed;
        run = loadClass(Simulation.class.getName()).getDeclaredMethod("violationOf", long.class);
        run.setAccessible(true);
    }

    /** Compiles and loads; the sources are below {@code root}. */
    static Mutant of(final PlantedBug bug, final Path root)
            throws IOException, ReflectiveOperationException {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final List<JavaFileObject> sources = new ArrayList<>();
        bug.sources(root).forEach((file, text) -> sources.add(new Source(file, text)));
        final StringWriter messages = new StringWriter();
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null)) {
            final Outputs outputs = new Outputs(standard);
            final boolean isCompiled = compiler.getTask(
                            messages,
                            outputs,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-nowarn",
                                    "-Xlint:none",
                                    "-classpath",
                                    System.getProperty("java.class.path")),
                            null,
                            sources)
                    .call();
            if (!isCompiled) {
                throw new IllegalStateException(
                        "cannot plant '" + bug.name() + "': does not compile: " + messages);
            }
            return new Mutant(outputs.classes());
        }
    }

    /** Runs one seed; the broken rule, or null. */
    @Nullable String run(final long seed) throws ReflectiveOperationException {
        return (String) run.invoke(null, seed);
    }

    @Override
    protected Class<?> loadClass(final String name, final boolean resolve)
            throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            final Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(final String name) throws ClassNotFoundException {
        byte[] bytes = changed.get(name);
        if (bytes == null) {
            try (InputStream in =
                    getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            } catch (final IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    /** A changed source. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(final String file, final String text) {
            super(
                    URI.create("string:///"
                            + file.substring(
                                    file.indexOf(MODULE_SOURCES) + MODULE_SOURCES.length())),
                    Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(final boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Takes in what the compiler writes. */
    private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Outputs(final JavaFileManager standard) {
            super(standard);
        }

        Map<String, byte[]> classes() {
            final Map<String, byte[]> classes = new HashMap<>();
            written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                final Location location,
                final String className,
                final JavaFileObject.Kind kind,
                final FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return written.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
