package io.ringledger.localstack;

import java.util.List;

/** What every JVM of the project is started with; the launcher and the build have the same. */
final class JvmFlags {
    /**
     * Agrona's buffers reach into {@code jdk.internal.misc}; zstd and Netty load native code;
     * Netty and Agrona still use {@code sun.misc.Unsafe}.
     */
    static final List<String> FLAGS = List.of(
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private JvmFlags() {}
}
