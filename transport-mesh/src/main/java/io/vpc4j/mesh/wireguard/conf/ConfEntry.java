package io.vpc4j.mesh.wireguard.conf;

/**
 * {@code Key = Value}.
 *
 * @param key as written; keys know no case
 * @param value without space around it, and without a comment
 * @param line where it stands, from 1
 */
public record ConfEntry(String key, String value, int line) {

  /** Whether this is that key. wg(8) compares without case. */
  public boolean is(String name) {
    return key.equalsIgnoreCase(name);
  }
}
