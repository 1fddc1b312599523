package io.vpc4j.benchmarks.peers;

import io.vpc4j.VpcChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** By the channel of {@code openChannel}, over the simulated network; each operation awaited. */
public final class VpcChannelOctets implements Octets {

  private static final int PATIENCE_SECONDS = 30;

  private final SimulatedPort simulated;
  private final VpcChannel channel;
  private final byte[] piece = new byte[PIECE_OCTETS];

  /** Opens a configuration and connects. */
  public VpcChannelOctets(int port) throws Exception {
    simulated = new SimulatedPort(port);
    channel =
        simulated
            .network()
            .openChannel(SimulatedPort.ADDRESS)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public long download(long length) throws Exception {
    give(ByteBuffer.wrap(Octets.head(length)));
    take(length);
    return length;
  }

  @Override
  public long upload(long length) throws Exception {
    give(ByteBuffer.wrap(Octets.head(-length)));
    for (var left = length; left > 0; left -= PIECE_OCTETS) {
      give(ByteBuffer.wrap(piece, 0, (int) Math.min(left, PIECE_OCTETS)));
    }
    take(1);
    return length;
  }

  private void give(ByteBuffer octets) throws Exception {
    while (octets.hasRemaining()) {
      channel.write(octets).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void take(long length) throws Exception {
    for (var left = length; left > 0; ) {
      var into = ByteBuffer.wrap(piece, 0, (int) Math.min(left, PIECE_OCTETS));
      int count = channel.read(into).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (count < 0) {
        throw new EOFException();
      }
      left -= count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    simulated.close();
  }
}
