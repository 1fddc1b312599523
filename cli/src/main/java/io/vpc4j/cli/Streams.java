package io.vpc4j.cli;

import io.vpc4j.core.net.Ticker;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;

/**
 * What a command touches of its process: everything goes through here, text too, so that a test can
 * stand in for a shell.
 *
 * @param in stdin
 * @param out stdout, unbuffered: what is written is on its way, or an error says that it is not
 * @param err stderr
 * @param terminals those of the two that a person looks at
 * @param ticker what transfers are timed with
 * @param stop when a command that runs on is to end
 */
record Streams(
    InputStream in,
    OutputStream out,
    OutputStream err,
    Set<Terminal> terminals,
    Ticker ticker,
    Stop stop) {

  /** Copies the set. */
  Streams {
    terminals = Set.copyOf(terminals);
  }

  /** Of a process that is ended from outside. */
  Streams(
      InputStream in, OutputStream out, OutputStream err, Set<Terminal> terminals, Ticker ticker) {
    this(in, out, err, terminals, ticker, Stop.onSignal());
  }

  /** The process's own. Not {@link System#out}, which keeps its errors to itself. */
  static Streams standard() {
    return new Streams(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        Terminal.watched(),
        Ticker.system());
  }
}
