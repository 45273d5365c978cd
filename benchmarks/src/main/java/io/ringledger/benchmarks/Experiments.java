package io.ringledger.benchmarks;

import io.ringledger.benchmarks.cost.CostExperiment;
import io.ringledger.benchmarks.micro.MemoryExperiment;
import io.ringledger.benchmarks.micro.MicroExperiment;
import io.ringledger.benchmarks.pipeline.LagExperiment;
import io.ringledger.benchmarks.pipeline.PeerPoolExperiment;
import io.ringledger.benchmarks.pipeline.PipelineExperiment;
import io.ringledger.benchmarks.pipeline.ReadSideExperiment;
import io.ringledger.benchmarks.projection.ProjectionExperiment;
import io.ringledger.benchmarks.write.GrowthExperiment;
import io.ringledger.benchmarks.write.OverloadExperiment;
import io.ringledger.benchmarks.write.SlowClientsExperiment;
import io.ringledger.benchmarks.write.TokensExperiment;
import io.ringledger.benchmarks.write.WriteSideExperiment;

import java.util.List;

/** All experiments, in the order in which they run. Stateless. */
final class Experiments {
    private Experiments() {}

    static List<Experiment> all() {
        return List.of(
                new MicroExperiment(),
                new MemoryExperiment(),
                new WriteSideExperiment(),
                new OverloadExperiment(),
                new SlowClientsExperiment(),
                new TokensExperiment(),
                new GrowthExperiment(),
                new PeerPoolExperiment(),
                new PipelineExperiment(),
                new LagExperiment(),
                new ReadSideExperiment(),
                new ProjectionExperiment(),
                new CostExperiment());
    }
}
