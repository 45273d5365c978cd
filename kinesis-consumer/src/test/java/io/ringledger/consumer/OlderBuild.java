package io.ringledger.consumer;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.tools.JavaFileManager;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * A reader as it was before the events had a version 1: the same sources, but for the version that it
 * knows. What stands before the class path of a process makes it an old one. Stateless.
 */
final class OlderBuild {
    private static final String READER =
            "account-model/src/main/java/io/ringledger/model/frame/EventReader.java";
    private static final String KNOWN = "header.version() > MessageHeaderDecoder.SCHEMA_VERSION";
    private static final String KNEW = "header.version() > 0";

    private OlderBuild() {}

    /** Compiles it into a folder. */
    static void compileInto(final Path folder) throws IOException {
        final String source = Files.readString(
                Path.of(System.getProperty("ringledger.root", ".")).resolve(READER));
        final int at = source.indexOf(KNOWN);
        if (at < 0 || source.indexOf(KNOWN, at + 1) >= 0) {
            throw new IllegalStateException("stands not exactly once in " + READER + ": " + KNOWN);
        }
        final String older = source.replace(KNOWN, KNEW);
        final StringWriter messages = new StringWriter();
        final var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(folder));
            if (!compiler.getTask(
                            messages,
                            (JavaFileManager) files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-classpath",
                                    System.getProperty("java.class.path")),
                            null,
                            List.of(new Source(older)))
                    .call()) {
                throw new IllegalStateException("does not compile: " + messages);
            }
        }
    }

    /** The changed source. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(final String text) {
            super(URI.create("string:///io/ringledger/model/frame/EventReader.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(final boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
