package io.vpc4j.benchmarks.peers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** By the streams of a blocking socket, whosever it is. */
public class SocketOctets implements Octets {

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] piece = new byte[PIECE_OCTETS];

  /** By a connected socket, which is this one's then. */
  protected SocketOctets(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** By a socket of the JDK's. */
  public static SocketOctets plain(int port) throws IOException {
    return new SocketOctets(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  @Override
  public long download(long length) throws IOException {
    out.write(Octets.head(length));
    take(length);
    return length;
  }

  @Override
  public long upload(long length) throws IOException {
    out.write(Octets.head(-length));
    for (var left = length; left > 0; left -= PIECE_OCTETS) {
      out.write(piece, 0, (int) Math.min(left, PIECE_OCTETS));
    }
    take(1);
    return length;
  }

  private void take(long length) throws IOException {
    for (var left = length; left > 0; ) {
      var count = in.read(piece, 0, (int) Math.min(left, PIECE_OCTETS));
      if (count < 0) {
        throw new EOFException();
      }
      left -= count;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
