package dev.hairpin.bench.result;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.Figure;
import dev.hairpin.bench.measure.Figures;
import dev.hairpin.bench.result.Results.Outcome;
import dev.hairpin.bench.result.Results.Run;
import dev.hairpin.bench.result.Results.Second;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Results as JSON; docs/bench.md describes every field.
public final class ResultsJson {
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double PERCENT = 100;
  private static final List<Figure> RATIOS =
      List.of(Figure.CPU, Figure.LOSS, Figure.P50, Figure.P99, Figure.RECEIVED, Figure.RESIDENT);

  private final JsonGenerator json;

  private ResultsJson(JsonGenerator json) {
    this.json = json;
  }

  public static String write(Results results) {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      new ResultsJson(json).all(results);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  private void all(Results results) throws IOException {
    json.writeStartObject();
    json.writeStringField("tool", "hairpin bench");
    json.writeStringField("version", results.version());
    json.writeStringField("startedAt", results.startedAt().toString());
    host();
    load(results);
    json.writeArrayFieldStart("targets");
    for (var outcome : results.outcomes()) {
      target(outcome);
    }
    json.writeEndArray();
    ratios(results);
    json.writeEndObject();
  }

  private void host() throws IOException {
    json.writeObjectFieldStart("host");
    json.writeStringField(
        "os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.writeNumberField("cpus", Runtime.getRuntime().availableProcessors());
    json.writeStringField("cpu", processor());
    json.writeStringField("java", Runtime.version().toString());
    json.writeEndObject();
  }

  private static String processor() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException _) {
      return System.getProperty("os.arch");
    }
  }

  private void load(Results results) throws IOException {
    var load = results.load();
    json.writeObjectFieldStart("load");
    json.writeNumberField("clients", load.clients());
    json.writeStringField("direction", load.direction().toString());
    json.writeStringField("payload", load.payload().name());
    json.writeNumberField("payloadBytes", load.payload().meanBytes());
    field("ratePerSecond", load.rate());
    json.writeNumberField("warmUpSeconds", load.warmUp().toMillis() / 1e3);
    json.writeNumberField("durationSeconds", load.duration().toMillis() / 1e3);
    json.writeNumberField("rounds", load.rounds());
    json.writeEndObject();
  }

  private void target(Outcome outcome) throws IOException {
    var target = outcome.target();
    json.writeStartObject();
    json.writeStringField("name", target.name());
    json.writeStringField("url", target.url());
    text("software", outcome.software());
    field("pid", target.pid() > 0 ? OptionalLong.of(target.pid()) : OptionalLong.empty());
    setup(outcome);
    json.writeArrayFieldStart("runs");
    for (var run : outcome.runs()) {
      run(run);
    }
    json.writeEndArray();
    search(outcome);
    json.writeObjectFieldStart("median");
    figures(outcome.median());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void setup(Outcome outcome) throws IOException {
    var making = outcome.making();
    if (making == null) {
      json.writeNullField("setup");
      return;
    }
    json.writeObjectFieldStart("setup");
    json.writeNumberField("allocations", making.allocations());
    json.writeNumberField("failed", making.failed());
    number("perSecond", OptionalDouble.of(making.perSecond()));
    json.writeObjectFieldStart("latencyMicros");
    percentile("p50", making.latency(), 50);
    percentile("p90", making.latency(), 90);
    percentile("p99", making.latency(), 99);
    percentile("max", making.latency(), PERCENT);
    json.writeEndObject();
    var cpu = making.cpuNanosEach();
    number(
        "cpuMicrosPerAllocation",
        cpu.isPresent() ? OptionalDouble.of(cpu.getAsDouble() / NANOS_PER_MICRO) : cpu);
    json.writeEndObject();
  }

  private void run(Run run) throws IOException {
    json.writeStartObject();
    json.writeNumberField("round", run.round());
    figures(run.figures());
    text("error", run.error());
    text("warning", run.warning());
    json.writeArrayFieldStart("seconds");
    for (var second : run.seconds()) {
      second(second);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void figures(Figures figures) throws IOException {
    for (var figure : Figure.values()) {
      if (figure == Figure.P50) {
        latency(figures);
      } else if (!figure.isLatency()) {
        number(figure.key(), figures.get(figure));
      }
    }
  }

  private void latency(Figures figures) throws IOException {
    if (figures.get(Figure.P50).isEmpty()) {
      json.writeNullField("latencyMicros");
      return;
    }
    json.writeObjectFieldStart("latencyMicros");
    for (var figure : Arrays.stream(Figure.values()).filter(Figure::isLatency).toList()) {
      number(figure.key(), figures.get(figure));
    }
    json.writeEndObject();
  }

  private void second(Second second) throws IOException {
    Counts counts = second.counts();
    json.writeStartObject();
    number("t", OptionalDouble.of(second.t()));
    number("sentPerSecond", OptionalDouble.of(counts.sent / second.span()));
    number("receivedPerSecond", OptionalDouble.of(counts.received / second.span()));
    number("bitsPerSecond", OptionalDouble.of(8.0 * counts.receivedBytes / second.span()));
    number("lossPercent", OptionalDouble.of(counts.lossPercent()));
    percentile("p50", counts.latency, 50);
    percentile("p90", counts.latency, 90);
    percentile("p99", counts.latency, 99);
    percentile("max", counts.latency, PERCENT);
    number("cpuPercent", second.cpuPercent());
    field("residentBytes", second.residentBytes());
    json.writeEndObject();
  }

  private void search(Outcome outcome) throws IOException {
    if (outcome.steps().isEmpty()) {
      json.writeNullField("search");
      return;
    }
    json.writeObjectFieldStart("search");
    field("highestRateWithoutLoss", outcome.highestRate());
    json.writeArrayFieldStart("steps");
    for (var step : outcome.steps()) {
      json.writeStartObject();
      json.writeNumberField("ratePerSecond", step.rate());
      number("lossPercent", step.figures().get(Figure.LOSS));
      number("p99", step.figures().get(Figure.P99));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void ratios(Results results) throws IOException {
    if (results.outcomes().size() < 2) {
      json.writeNullField("ratios");
      return;
    }
    json.writeObjectFieldStart("ratios");
    for (var figure : RATIOS) {
      number(figure.key(), results.ratio(figure));
    }
    number("setupPerSecond", results.setupRatio());
    json.writeEndObject();
  }

  private void percentile(String name, Histogram nanos, double percentile) throws IOException {
    number(
        name,
        nanos.getTotalCount() == 0
            ? OptionalDouble.empty()
            : OptionalDouble.of(nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO));
  }

  /// With three decimals, and none where they are zero.
  private void number(String name, OptionalDouble value) throws IOException {
    if (value.isEmpty()) {
      json.writeNullField(name);
      return;
    }
    double rounded = Math.rint(value.getAsDouble() * 1e3) / 1e3;
    if (rounded == Math.rint(rounded)) {
      json.writeNumberField(name, (long) rounded);
    } else {
      json.writeNumberField(name, rounded);
    }
  }

  private void field(String name, OptionalInt value) throws IOException {
    field(name, value.isPresent() ? OptionalLong.of(value.getAsInt()) : OptionalLong.empty());
  }

  private void field(String name, OptionalLong value) throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsLong());
    } else {
      json.writeNullField(name);
    }
  }

  private void text(String name, @Nullable String value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, value);
    }
  }
}
