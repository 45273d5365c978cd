package io.ringledger.benchmarks.micro;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import io.ringledger.kit.ProblemException;
import io.ringledger.ledger.http.CommandDecoder;
import io.ringledger.ledger.http.Route;
import io.ringledger.model.Command;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The body of one credit: decoded and checked, beside Jackson's tokeniser alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class DecodeBenchmark {
    private final byte[] body = "{\"amount\": 12345, \"reference\": \"invoice 2026-11-0042\"}"
            .getBytes(StandardCharsets.UTF_8);
    private final CommandDecoder decoder = new CommandDecoder();
    private final JsonFactory factory = new JsonFactory();
    private final Command command = new Command();

    /** The production decoder: body to command. */
    @Benchmark
    public Command decoder() throws ProblemException {
        decoder.decode(
                Route.CREDIT,
                "account-4711",
                "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                body,
                command);
        return command;
    }

    /** The tokeniser over the same bytes: names, number and text are taken. */
    @Benchmark
    public long tokeniser() throws IOException {
        long taken = 0;
        try (JsonParser parser = factory.createParser(body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT) {
                    taken += parser.getLongValue();
                } else if (token == JsonToken.VALUE_STRING) {
                    taken += parser.getText().length();
                }
            }
        }
        return taken;
    }
}
