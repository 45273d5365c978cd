package io.ringledger.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an experiment is given: how much to measure, and where figures go. Thread-safe. */
public final class Bench {
    private final Scale scale;
    private final Path folder;
    private final Progress progress;
    private final Map<String, Figure> figures = new LinkedHashMap<>();
    private final List<Target> targets = new ArrayList<>();
    private final Map<String, Plot> plots = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    Bench(final Scale scale, final Path folder, final Progress progress) {
        this.scale = scale;
        this.folder = folder;
        this.progress = progress;
    }

    /** How much of everything is measured. */
    public Scale scale() {
        return scale;
    }

    /** Where files of this run belong, such as profiles. It exists. */
    public Path folder() {
        return folder;
    }

    /** Says what is being measured now. */
    public void progress(final String what) {
        progress.step(what);
    }

    /** One value of one round of a figure; the unit as it is printed, such as {@code /s}. */
    public synchronized void record(final String figure, final String unit, final double value) {
        figures.computeIfAbsent(figure, name -> new Figure(name, unit)).add(value);
    }

    /** What a figure has to reach. */
    public synchronized void target(final Target target) {
        targets.add(target);
    }

    /** The plot of this name, made at its first mention. */
    public synchronized Plot plot(
            final String name, final String title, final String xAxis, final String yAxis) {
        return plots.computeIfAbsent(name, key -> new Plot(key, title, xAxis, yAxis));
    }

    /** A sentence for the report: how something was tuned, what limits it. */
    public synchronized void note(final String text) {
        notes.add(text);
    }

    /** One for a single experiment, whose figures do not count before it has ended well. */
    Bench forOneExperiment() {
        return new Bench(scale, folder, progress);
    }

    /**
     * Takes in everything of an experiment that has ended well.
     *
     * @throws IllegalStateException if its figures were not measured in turns; nothing is taken in
     */
    synchronized void takeIn(final Bench experiment) {
        final Map<String, Figure> own = new LinkedHashMap<>();
        experiment.figures().forEach(figure -> own.put(figure.name(), figure));
        experiment.targets().forEach(target -> target.reached(own));
        figures.putAll(own);
        targets.addAll(experiment.targets());
        experiment.plots().forEach(plot -> plots.put(plot.name(), plot));
        notes.addAll(experiment.notes());
    }

    /** Takes in what an experiment that has failed was to reach: it has no figures. */
    synchronized void takeInFailed(final Bench experiment) {
        targets.addAll(experiment.targets());
    }

    synchronized List<Figure> figures() {
        return List.copyOf(figures.values());
    }

    synchronized List<Target> targets() {
        return List.copyOf(targets);
    }

    synchronized List<Plot> plots() {
        return List.copyOf(plots.values());
    }

    synchronized List<String> notes() {
        return List.copyOf(notes);
    }
}
