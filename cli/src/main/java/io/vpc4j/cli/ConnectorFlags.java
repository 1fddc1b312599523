package io.vpc4j.cli;

import io.vpc4j.cli.ConnectorFlag.Kind;
import io.vpc4j.tunnel.ConnectorFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The values of a connector's flags, from wherever they come. */
final class ConnectorFlags {

  /** Gives a command the flags. */
  static final class OnCommand implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      for (var flag : ConnectorFlag.values()) {
        var option =
            OptionSpec.builder(flag.names.toArray(String[]::new))
                .description(
                    flag.description + (flag.variable == null ? "" : " ($" + flag.variable + ")"));
        if (flag.kind == Kind.LIST) {
          option.type(List.class).auxiliaryTypes(String.class).paramLabel(flag.label);
        } else if (flag.kind == Kind.VALUE) {
          option.type(String.class).paramLabel(flag.label);
        } else {
          option.type(String.class).arity("0..1").fallbackValue("true").paramLabel("BOOLEAN");
        }
        spec.addOption(option.build());
      }
      return spec;
    }
  }

  private final Map<ConnectorFlag, List<String>> given = new TreeMap<>();
  private final Map<String, String> environment;
  private Map<String, List<String>> file = Map.of();

  /**
   * The flags given to {@code command} and to those before it on the line.
   *
   * @param environment the process's
   */
  ConnectorFlags(CommandSpec command, Map<String, String> environment) {
    this.environment = environment;
    var line = command.commandLine();
    while (line != null && line.getCommandSpec().findOption("--edge") != null) {
      var parsed = line.getParseResult();
      for (var flag : ConnectorFlag.values()) {
        Object value = parsed.matchedOptionValue(flag.longest(), null);
        if (value instanceof List<?> list) {
          var before = new ArrayList<String>();
          list.forEach(each -> before.add(String.valueOf(each)));
          before.addAll(given.getOrDefault(flag, List.of()));
          given.put(flag, before);
        } else if (value != null) {
          given.putIfAbsent(flag, List.of(value.toString())); // the nearer to the end wins
        }
      }
      line = line.getParent();
    }
  }

  /** What {@code config.yml} says where the line and the environment do not. */
  void addFile(ConnectorFile config) throws Failure {
    file = config.flags();
    for (var key : file.keySet()) {
      if (!key.equals("tunnel") && find(key).isEmpty() && !key.equals("logfile")) {
        throw new Failure(
            ExitCode.USAGE, "config.yml: \"" + key + "\" is no setting of a connector.");
      }
    }
  }

  private static Optional<ConnectorFlag> find(String key) {
    for (var flag : ConnectorFlag.values()) {
      if (flag.names.contains("--" + key)) {
        return Optional.of(flag);
      }
    }
    return Optional.empty();
  }

  /** All values, in order. */
  List<String> all(ConnectorFlag flag) {
    var values = given.get(flag);
    if (values != null) {
      return values;
    }
    var variable = flag.variable == null ? null : environment.get(flag.variable);
    if (variable != null && !variable.isEmpty()) {
      return flag.kind == Kind.LIST ? List.of(variable.split(",", -1)) : List.of(variable);
    }
    for (var name : flag.names) {
      var found = file.get(name.replaceFirst("^--", ""));
      if (found != null) {
        return found;
      }
    }
    return List.of();
  }

  Optional<String> value(ConnectorFlag flag) {
    var values = all(flag);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(values.size() - 1));
  }

  /** A whole number within bounds. */
  long number(ConnectorFlag flag, long otherwise, long least, long most) throws Failure {
    var text = value(flag);
    if (text.isEmpty()) {
      return otherwise;
    }
    if (text.get().matches("[0-9]{1,18}")) {
      var number = Long.parseLong(text.get());
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new Failure(
        ExitCode.USAGE,
        "%s must be a whole number from %d to %s, not \"%s\"."
            .formatted(flag.longest(), least, most == Long.MAX_VALUE ? "any" : most, text.get()));
  }

  /** The tunnel that {@code config.yml} names. */
  Optional<String> tunnelOfFile() {
    return file.getOrDefault("tunnel", List.of()).stream().findFirst();
  }

  /** What the edge is told of them. [C] 5.6: only flags that say how it runs. */
  Map<String, String> told() {
    var told = new LinkedHashMap<String, String>();
    for (var flag :
        List.of(
            ConnectorFlag.PROTOCOL,
            ConnectorFlag.RETRIES,
            ConnectorFlag.LOGLEVEL,
            ConnectorFlag.METRICS,
            ConnectorFlag.EDGE_IP_VERSION,
            ConnectorFlag.EDGE_BIND_ADDRESS,
            ConnectorFlag.MAX_ACTIVE_FLOWS,
            ConnectorFlag.NO_AUTOUPDATE)) {
      value(flag).ifPresent(value -> told.put(flag.key(), value));
    }
    return told;
  }
}
