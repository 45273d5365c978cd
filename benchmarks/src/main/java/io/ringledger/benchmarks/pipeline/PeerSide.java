package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.benchmarks.peer.PeerEnvironment;
import io.ringledger.benchmarks.peer.PeerService;
import io.ringledger.benchmarks.peer.TableCheck;
import io.ringledger.benchmarks.peer.TableOptions;
import io.ringledger.benchmarks.peer.TableSchema;
import io.ringledger.benchmarks.write.ServerProcess;
import io.ringledger.emulators.PostgresLocal;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** The peer in a process of its own, on a Postgres of its own. */
final class PeerSide implements Side {
    private final PostgresLocal postgres;
    private final ServerProcess process;
    private final Acknowledged acknowledged;
    private final SplittableRandom random = new SplittableRandom(20_261_122);

    private PeerSide(
            final PostgresLocal postgres, final ServerProcess process, final int accounts) {
        this.postgres = postgres;
        this.process = process;
        acknowledged = new Acknowledged(accounts);
    }

    /** Starts it and opens accounts; blocks. */
    static PeerSide start(final int accounts, final TableOptions options, final Path folder)
            throws Exception {
        final PostgresLocal postgres = PostgresLocal.start();
        try {
            TableSchema.create(postgres.jdbcUrl());
            TableSchema.openAccounts(postgres.jdbcUrl(), accounts, StackSide.CREDIT_LIMIT);
            final int port = ServerProcess.freePort();
            final ServerProcess process = ServerProcess.start(
                    "peer",
                    PeerService.class,
                    port,
                    PeerService.arguments(options),
                    PeerEnvironment.of(postgres, port),
                    folder);
            final PeerSide side = new PeerSide(postgres, process, accounts);
            try {
                process.awaitPort();
                return side;
            } catch (final Exception e) {
                process.close();
                throw e;
            }
        } catch (final Exception e) {
            postgres.close();
            throw e;
        }
    }

    /** It does nothing by itself, no more than its Postgres. */
    @Override
    public void rest() {}

    @Override
    public void wake() {}

    @Override
    public InetSocketAddress address() {
        return process.address();
    }

    /** What was answered is in the table. */
    @Override
    public Turn measure(final DriverOptions options, final int accounts) throws Exception {
        final Measured measured = HttpDriver.run(
                options,
                thread -> new SingleCommands(
                        accounts, options.connections(), random.split(), acknowledged));
        TableCheck.requireEqual(postgres.jdbcUrl(), acknowledged);
        return new Turn(measured, 0);
    }

    @Override
    public void close() {
        process.close();
        postgres.close();
    }
}
