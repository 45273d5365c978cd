package io.ringledger.distribution;

import java.util.List;

/**
 * A library as the bill of materials has it.
 *
 * @param group of Maven
 * @param name of the artifact
 * @param version of the artifact
 * @param sha256 of its jar, in lower-case hexadecimal digits
 * @param licences as its authors name them; several are a choice, as Maven's model has it
 */
record Component(String group, String name, String version, String sha256, List<String> licences) {
    private static final String OURS = "io.ringledger";

    Component {
        licences = List.copyOf(licences);
    }

    /** Whether it is a module of this project. */
    boolean isOurs() {
        return group.equals(OURS);
    }

    /** The name of its jar. */
    String jar() {
        return name + "-" + version + ".jar";
    }

    @Override
    public String toString() {
        return group + ":" + name + ":" + version;
    }
}
