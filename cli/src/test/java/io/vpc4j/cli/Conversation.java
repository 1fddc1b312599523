package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;

/** A screen and a keyboard: once the screen shows something, something is typed. */
final class Conversation extends OutputStream {

  private final String awaited;
  private final String answer;
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PipedOutputStream fingers = new PipedOutputStream();
  private final PipedInputStream keyboard;
  private boolean typed;

  Conversation(String awaited, String answer) throws IOException {
    this.awaited = awaited;
    this.answer = answer;
    keyboard = new PipedInputStream(fingers);
  }

  PipedInputStream keyboard() {
    return keyboard;
  }

  String seen() {
    return screen.toString(UTF_8);
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    screen.write(from, offset, length);
    if (!typed && seen().contains(awaited)) {
      typed = true;
      fingers.write(answer.getBytes(UTF_8));
      fingers.flush();
    }
  }
}
