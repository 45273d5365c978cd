package io.ringledger.loadtests;

import java.nio.file.Path;

/** Where the project keeps the bank's transactions. */
final class BankFile {
    private BankFile() {}

    static Path path() {
        return Path.of(
                System.getProperty("ringledger.root", ".."),
                "load-tests",
                "data",
                "berka-1993-94.csv.gz");
    }
}
