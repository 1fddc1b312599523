package io.vpc4j.core.config.directory;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * One reading of one file: what its sections share. Used by one thread and thrown away.
 *
 * <p>Ids are noted as soon as they are read, even where the rest of their record is wrong, so that
 * one mistake is not reported again at every reference.
 */
final class Reading {

  /** What is done with {@code env:NAME} and {@code file:path}. */
  enum Lookups {
    /** They are looked up. */
    ALL,
    /** They are well formed, and that is all: where the file is edited, its secrets may not be. */
    NONE
  }

  final Problems problems;

  /** What relative paths are relative to. */
  final Path folder;

  final Environment environment;

  /** Every other file that was looked at, whether or not it was there. */
  final Set<Path> files = new LinkedHashSet<>();

  /** The ids of tunnels, and where each is. */
  final Map<String, Item> tunnels = new HashMap<>();

  /** The ids of virtual networks that were declared, and where each is. */
  final Map<String, Item> virtualNetworks = new HashMap<>();

  /** The ids of nodes and devices, and where each is. */
  final Map<String, Item> nodes = new HashMap<>();

  /** Those of {@link #nodes} that are devices. */
  final Set<String> devices = new HashSet<>();

  private final Lookups lookups;

  Reading(Problems problems, Path folder, Environment environment, Lookups lookups) {
    this.problems = problems;
    this.folder = folder;
    this.environment = environment;
    this.lookups = lookups;
  }

  boolean resolves() {
    return lookups == Lookups.ALL;
  }
}
