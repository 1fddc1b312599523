package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A listener that has no room for one more, and leaves a dial without an answer. */
final class BlackHole implements Closeable {

  private final ServerSocket listener;
  private final List<Socket> waiting = new ArrayList<>();

  BlackHole() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    while (isAnswered()) {
      assertThat(waiting).as("dials that were answered").hasSizeLessThan(16);
    }
  }

  private boolean isAnswered() throws IOException {
    var socket = new Socket();
    waiting.add(socket);
    try {
      socket.connect(listener.getLocalSocketAddress(), 100);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    for (var each : waiting) {
      each.close();
    }
    listener.close();
  }
}
