package io.ringledger.distribution;

import java.io.IOException;
import java.nio.file.Path;

/** Makes {@code dist/} at the end of the build. */
public final class DistributionMain {
    private DistributionMain() {}

    /**
     * Ends with 1, and leaves an older folder as it is, if what was built must not be shipped. An
     * offline build has no bill of materials and makes no folder: one without a bill is nothing to
     * ship, and who builds offline does not want to ship.
     *
     * @param arguments the folder of the project, and the version of its modules
     */
    public static void main(final String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: DistributionMain ROOT VERSION");
            System.exit(2);
        }
        try {
            final Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
            final Distribution distribution = new Distribution(root, arguments[1]);
            if (distribution.hasBill()) {
                System.out.println("made " + distribution.make());
            } else {
                distribution.remove();
                System.out.println(
                        "dist/ is not made: no bill of materials, which takes Maven without -o");
            }
        } catch (final RefusedException | IOException e) {
            System.err.println("dist/ is not made:\n"
                    + (e instanceof RefusedException ? e.getMessage() : e.toString()));
            System.exit(1);
        }
    }
}
