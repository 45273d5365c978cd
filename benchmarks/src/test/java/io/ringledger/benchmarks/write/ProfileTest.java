package io.ringledger.benchmarks.write;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

final class ProfileTest {
    @Test
    void shouldShareSamplesByThreadPackageAndMethod() {
        final Profile profile = Profile.empty();
        profile.add(
                "vert.x-eventloop-thread-0",
                List.of("sun.nio.ch.Net.write", "java.nio.X.y", "io.netty.channel.C.flush"));
        profile.add("vert.x-eventloop-thread-1", List.of("io.netty.channel.D.read"));
        profile.add("writer", List.of("io.ringledger.model.AccountModel.submit"));
        profile.add("writer", List.of("java.lang.Thread.run"));
        assertThat(profile.lines())
                .containsExactly(
                        "4 samples",
                        "threads: vert.x-eventloop-thread-N 50.0 %, writer 50.0 %",
                        "packages at work, or calling the JDK: io.netty.channel 50.0 %,"
                                + " io.ringledger.model 25.0 %, the JDK alone 25.0 %",
                        "methods: io.netty.channel.D.read 25.0 %,"
                                + " io.ringledger.model.AccountModel.submit 25.0 %,"
                                + " java.lang.Thread.run 25.0 %, sun.nio.ch.Net.write 25.0 %");
    }
}
