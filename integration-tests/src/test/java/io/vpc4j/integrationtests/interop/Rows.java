package io.vpc4j.integrationtests.interop;

import io.netty.util.ResourceLeakDetector;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The checklist, run in a process of its own inside a network namespace that has loopback alone: an
 * edge, the services behind the connector, and one release of the real connector over one carrier.
 *
 * <p>Arguments: the connector's program, and {@code quic} or {@code http2}; then, if need be, a
 * part of the names of the rows to run. Prints one line for each row: {@code row}, tab, name, tab,
 * {@code ok} or what went wrong; and {@code note}, tab, what a row has measured.
 */
public final class Rows {

  /** How a row begins that this release, or this carrier, cannot have. */
  static final String NOT_IN_THIS_RELEASE = "not in this release: ";

  private static final PrintStream OUT = System.out;

  /** One thing that has to work. */
  @FunctionalInterface
  interface Row {
    void run(Scene scene) throws Exception;
  }

  private Rows() {}

  /** Runs them. */
  public static void main(String[] arguments) throws Exception {
    if (HeavyRows.isAsked()) {
      // Every buffer's history would be most of the work; the other runs look for leaks.
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }
    var rows = all();
    var only = arguments.length > 2 ? arguments[2] : "";
    try (var scene = Scene.open(Path.of(arguments[0]), arguments[1])) {
      for (var row : rows.entrySet()) {
        if (row.getKey().contains(only)) {
          report(row, scene);
        }
      }
    }
    System.exit(0);
  }

  /** Every row, by its name, in the order they are run. */
  static Map<String, Row> all() {
    var rows = new LinkedHashMap<String, Row>();
    TrafficRows.addTo(rows);
    IngressRows.addTo(rows);
    ConnectionRows.addTo(rows);
    LifeRows.addTo(rows);
    HeavyRows.addTo(rows);
    return rows;
  }

  private static void report(Map.Entry<String, Row> row, Scene scene) {
    String result;
    try {
      row.getValue().run(scene);
      result = "ok";
    } catch (NotInThisRelease e) {
      result = NOT_IN_THIS_RELEASE + e.getMessage();
    } catch (Exception | AssertionError e) {
      var at = e.getStackTrace().length > 0 ? " at " + where(e) : "";
      result = (e + at).replaceAll("\\s+", " ");
    }
    OUT.println("row\t" + row.getKey() + "\t" + result);
    OUT.flush();
  }

  /** Says what a row has measured, in a line of its own. */
  static void note(String format, Object... values) {
    OUT.println("note\t" + String.format(java.util.Locale.ROOT, format, values));
    OUT.flush();
  }

  private static String where(Throwable e) {
    for (var frame : e.getStackTrace()) {
      if (frame.getClassName().contains("interop")) {
        return frame.toString();
      }
    }
    return e.getStackTrace()[0].toString();
  }

  /** What a row throws for what the release, or the carrier, does not have. */
  static final class NotInThisRelease extends Exception {
    private static final long serialVersionUID = 1L;

    NotInThisRelease(String why) {
      super(why);
    }
  }
}
