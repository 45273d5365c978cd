package io.ringledger.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.model.ModelContext;

import org.junit.jupiter.api.Test;

/** What a partition shows of itself before anything has happened to it, and without an owner. */
final class PartitionMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private double leaseLeft = Double.NaN;
    private final PartitionMetrics metrics = new PartitionMetrics(
            registry,
            1,
            new Partitions("ledger", 2),
            new PartitionContext(2, 1_024, 4, 256 * 1024, 1_024, 50, ModelContext.small(7)),
            () -> leaseLeft);

    @Test
    void shouldCountFromNothingSoThatTheFirstTimeIsSeen() {
        assertThat(registry.get("ringledger.leases.lost").counter().count()).isZero();
        metrics.lost();
        assertThat(registry.get("ringledger.leases.lost").counter().count()).isEqualTo(1);
    }

    @Test
    void shouldSayHowLongTheLeaseLasts() {
        assertThat(gauge("ringledger.lease.left")).isNaN();
        leaseLeft = 3.5;
        assertThat(gauge("ringledger.lease.left")).isEqualTo(3.5);
    }

    @Test
    void shouldNotSayHowFarTheLogHasComeWhereItIsNotTheOwner() {
        metrics.reached(41);
        metrics.frame(2, 2, 100, 1_000);
        assertThat(gauge("ringledger.partition.served")).isZero();
        assertThat(gauge("ringledger.partition.appended.position")).isNaN();
    }

    @Test
    void shouldSayHowMuchThereMayBe() {
        assertThat(gauge("ringledger.ring.size")).isEqualTo(1_024);
        assertThat(gauge("ringledger.partition.keys.max"))
                .isEqualTo(ModelContext.small(7).maxKeys());
        assertThat(gauge("ringledger.partition.accounts.max"))
                .isEqualTo(ModelContext.small(7).maxAccounts());
        assertThat(gauge("ringledger.partition.keys")).isNaN();
    }

    @Test
    void shouldDescribeEveryMeter() {
        // Percentiles stand beside the meter that they are of.
        assertThat(registry.getMeters())
                .filteredOn(meter -> meter.getId().syntheticAssociation() == null)
                .isNotEmpty()
                .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                        .as("%s", meter.getId())
                        .isNotBlank())
                .extracting(Meter::getId)
                .allMatch(id -> "1".equals(id.getTag("partition")));
    }

    private double gauge(final String name) {
        return registry.get(name).gauge().value();
    }
}
