package io.vpc4j.core.config.wrangler;

import io.vpc4j.NetworkTarget;
import io.vpc4j.Problem;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What we warn of and wrangler does not. Only for a file that passed its rules. */
final class Advice {

  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");

  private final String fileName;
  private final List<Problem> problems = new ArrayList<>();

  Advice(String fileName) {
    this.fileName = fileName;
  }

  List<Problem> problems() {
    return List.copyOf(problems);
  }

  void on(NetworkBinding binding, Predicate<NetworkTarget> known) {
    onName(binding.name(), binding.line(), binding.column());
    var quoted = JsonText.quote(binding.target().id());
    if (binding.target() instanceof NetworkTarget.Tunnel tunnel) {
      if (!UUID.matcher(tunnel.id()).matches()) {
        warn(binding.line(), binding.column(), "the tunnel id " + quoted + " is not a UUID");
      }
    } else if (!known.test(binding.target())) {
      warn(binding.line(), binding.column(), "no installed transport knows the network " + quoted);
    }
    onRemote(binding.remote());
  }

  void on(ServiceBinding binding) {
    onName(binding.name(), binding.line(), binding.column());
    onRemote(binding.remote());
  }

  private void onName(String name, int line, int column) {
    if (name.isEmpty()) {
      warn(line, column, "the binding's name is empty");
    }
  }

  private void onRemote(RemoteFlag remote) {
    if (remote.raw().isPresent() && !(remote.raw().get() instanceof ConfigValue.BooleanValue)) {
      var raw = remote.raw().get();
      warn(
          raw.line(),
          raw.column(),
          "\"remote\" is " + raw.kind() + " and not a boolean; it counts as true");
    }
  }

  void warn(int line, int column, String message) {
    if (problems.size() < Diagnostics.MAX_FINDINGS) {
      problems.add(
          new Problem(
              Problem.Severity.WARNING, Problem.Origin.VPC4J, fileName, line, column, "", message));
    }
  }
}
