package io.ringledger.benchmarks;

import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

import java.io.IOException;
import java.nio.file.Path;

/** Plots as SVG files. Stateless. */
final class PlotFiles {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 520;

    private PlotFiles() {}

    /** Writes {@code NAME.svg} into the folder. */
    static void write(final Path folder, final Plot plot) throws IOException {
        final XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(plot.title())
                .xAxisTitle(plot.xAxis())
                .yAxisTitle(plot.yAxis())
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setXAxisLogarithmic(plot.isLogX());
        chart.getStyler().setYAxisLogarithmic(plot.isLogY());
        plot.lines()
                .forEach((line, points) -> chart.addSeries(
                                line,
                                points.stream().mapToDouble(Plot.Point::x).toArray(),
                                points.stream().mapToDouble(Plot.Point::y).toArray())
                        .setMarker(SeriesMarkers.CIRCLE));
        VectorGraphicsEncoder.saveVectorGraphic(
                chart, folder.resolve(plot.name()).toString(), VectorGraphicsFormat.SVG);
    }
}
