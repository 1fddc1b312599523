package io.vpc4j.core.fetch;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener that keeps what it is told, as lines. */
final class Heard implements WebSocket.Listener {

  final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final long demand;
  private final StringBuilder text = new StringBuilder();
  private int octets;

  /** Asks for {@code demand} at the beginning, and for no more. */
  Heard(long demand) {
    this.demand = demand;
  }

  String next() throws InterruptedException {
    var line = lines.poll(30, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError("nothing was heard for 10 s");
    }
    return line;
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    lines.add("open on " + Thread.currentThread().getName());
    if (demand > 0) {
      webSocket.request(demand);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      lines.add("text " + text);
      text.setLength(0);
    }
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    octets += data.remaining();
    if (last) {
      lines.add("binary " + octets);
      octets = 0;
    }
    return null;
  }

  @Override
  public CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    lines.add("ping " + message.remaining());
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    lines.add("pong " + message.remaining());
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    lines.add("close " + statusCode + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    lines.add("error " + error.getMessage());
  }
}
