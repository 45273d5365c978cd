package io.ringledger.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md point one way. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.ringledger");

    @Test
    void shouldPointOneWayBetweenModules() {
        assertThat(CLASSES).hasSizeGreaterThan(100);
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("account-model")
                .definedBy("io.ringledger.model..")
                .layer("service-kit")
                .definedBy("io.ringledger.kit..")
                .layer("emulators")
                .definedBy("io.ringledger.emulators..")
                .layer("snapshots")
                .definedBy("io.ringledger.snapshots..")
                .layer("ledger")
                .definedBy("io.ringledger.ledger..")
                .layer("read-model")
                .definedBy("io.ringledger.readmodel..")
                .layer("kinesis-consumer")
                .definedBy("io.ringledger.consumer..")
                .layer("local-stack")
                .definedBy("io.ringledger.localstack..")
                .layer("simulation")
                .definedBy("io.ringledger.simulation..")
                .layer("load-tests")
                .definedBy("io.ringledger.loadtests", "io.ringledger.loadtests.contract..")
                .layer("load-tests, from within")
                .definedBy("io.ringledger.loadtests.inside..")
                .layer("verifier")
                .definedBy("io.ringledger.verifier..")
                .layer("torture")
                .definedBy("io.ringledger.torture..")
                .layer("benchmarks")
                .definedBy("io.ringledger.benchmarks..")
                .whereLayer("benchmarks")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("account-model")
                .mayNotAccessAnyLayer()
                .whereLayer("service-kit")
                .mayNotAccessAnyLayer()
                .whereLayer("emulators")
                .mayNotAccessAnyLayer()
                .whereLayer("load-tests")
                .mayNotAccessAnyLayer()
                .whereLayer("load-tests, from within")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("load-tests, from within")
                .mayOnlyAccessLayers("account-model", "snapshots", "ledger")
                .whereLayer("snapshots")
                .mayOnlyAccessLayers("account-model", "service-kit")
                .whereLayer("ledger")
                .mayOnlyAccessLayers("account-model", "snapshots", "service-kit")
                .whereLayer("read-model")
                .mayOnlyAccessLayers("service-kit")
                .whereLayer("kinesis-consumer")
                .mayOnlyAccessLayers("account-model", "snapshots", "service-kit", "read-model")
                .whereLayer("local-stack")
                .mayOnlyAccessLayers(
                        "emulators", "ledger", "read-model", "kinesis-consumer", "service-kit")
                .whereLayer("local-stack")
                .mayOnlyBeAccessedByLayers("torture", "benchmarks")
                .whereLayer("simulation")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("simulation")
                .mayOnlyAccessLayers(
                        "account-model", "service-kit", "ledger", "kinesis-consumer", "snapshots")
                .whereLayer("load-tests")
                .mayOnlyBeAccessedByLayers("torture")
                .whereLayer("verifier")
                .mayOnlyAccessLayers(
                        "account-model", "service-kit", "snapshots", "ledger", "read-model")
                .whereLayer("torture")
                .mayOnlyAccessLayers(
                        "local-stack",
                        "emulators",
                        "load-tests",
                        "verifier",
                        "account-model",
                        "service-kit")
                .whereLayer("torture")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void shouldKeepTheModelFreeOfInputOutputAndTime() {
        noClasses()
                .that()
                .resideInAPackage("io.ringledger.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.sql..",
                        "java.time..",
                        "java.util.concurrent..",
                        "java.util.random..",
                        "org.slf4j..",
                        "io.opentelemetry..",
                        "io.vertx..",
                        "software.amazon..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashMap")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CLASSES.that(DescribedPredicate.describe(
                        "are written by hand and no exceptions",
                        type -> !type.getPackageName().equals("io.ringledger.model.event")
                                && !type.isAssignableTo(Throwable.class))));
    }

    @Test
    void shouldUseOpenTelemetryInOnePackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.ringledger.kit.trace")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(CLASSES);
    }

    @Test
    void shouldUseTheSdkOfTheLogInOnePackageOnly() {
        noClasses()
                .that()
                .resideInAPackage("io.ringledger.ledger..")
                .and()
                .resideOutsideOfPackages(
                        "io.ringledger.ledger.log", "io.ringledger.ledger.ownership")
                .and()
                .doNotHaveSimpleName("LedgerService")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon..")
                .check(CLASSES);
    }
}
