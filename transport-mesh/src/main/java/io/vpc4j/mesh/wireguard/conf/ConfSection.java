package io.vpc4j.mesh.wireguard.conf;

import java.util.List;

/**
 * {@code [Name]} and what follows it.
 *
 * @param name as written; names know no case
 * @param line where it stands, from 1
 * @param entries in the file's order
 */
public record ConfSection(String name, int line, List<ConfEntry> entries) {

  /** Copies. */
  public ConfSection {
    entries = List.copyOf(entries);
  }
}
