package io.vpc4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What a command reads and writes octets with; text goes through picocli's writers.
 *
 * @param in stdin
 * @param out stdout, unbuffered: what is written is on its way
 * @param terminal whether a person looks at stderr
 */
record Streams(InputStream in, OutputStream out, boolean terminal) {

  /** The process's own. */
  static Streams standard() {
    return new Streams(System.in, new FileOutputStream(FileDescriptor.out), Terminal.isStderr());
  }
}
