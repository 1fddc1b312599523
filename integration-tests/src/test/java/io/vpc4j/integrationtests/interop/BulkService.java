package io.vpc4j.integrationtests.interop;

import static io.vpc4j.integrationtests.interop.TrafficRows.equal;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Sends and takes many octets that both ends can tell: nine octets say which way and how many, then
 * come the octets, then their CRC-32C (RFC 3720 B.4).
 */
final class BulkService implements Closeable {

  private static final int DOWN = 'D';
  private static final int UP = 'U';
  private static final int PIECE_OCTETS = 1 << 16;

  private final ServerSocket listener;

  BulkService() throws IOException {
    listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable task) {
    var thread = new Thread(task, "bulk service");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void serve(Socket socket) {
    try (socket;
        var in = new DataInputStream(socket.getInputStream());
        var out = new DataOutputStream(socket.getOutputStream())) {
      var way = in.readUnsignedByte();
      var octets = in.readLong();
      if (way == DOWN) {
        out.writeLong(pour(out, (int) octets, octets));
        in.read(); // until the other end has it all, and closes: it has no half-close
      } else {
        out.writeLong(drink(in, octets));
        in.read();
      }
    } catch (IOException e) {
      // the other end sees that something is missing
    }
  }

  /** Takes {@code octets}, and compares them with what was sent. */
  static void download(Socket socket, int seed, long octets) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    var out = new DataOutputStream(socket.getOutputStream());
    out.write(ByteBuffer.allocate(9).put((byte) DOWN).putLong(octets + seed).array());
    var found = drink(in, octets + seed);
    equal(in.readLong(), found);
  }

  /** Sends {@code octets}, and compares what arrived with them. */
  static void upload(Socket socket, int seed, long octets) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    var out = new DataOutputStream(socket.getOutputStream());
    out.write(ByteBuffer.allocate(9).put((byte) UP).putLong(octets + seed).array());
    var sent = pour(out, seed, octets + seed);
    equal(sent, in.readLong());
  }

  /** Sends octets of which no two pieces are alike; their checksum. */
  private static long pour(DataOutputStream out, int seed, long octets) throws IOException {
    var piece = new byte[PIECE_OCTETS];
    new java.util.Random(seed).nextBytes(piece);
    var buffer = ByteBuffer.wrap(piece);
    var checksum = new CRC32C();
    for (var sent = 0L; sent < octets; ) {
      for (var at = 0; at + 8 <= PIECE_OCTETS; at += 4_096) {
        buffer.putLong(at, sent + at);
      }
      var length = (int) Math.min(PIECE_OCTETS, octets - sent);
      checksum.update(piece, 0, length);
      out.write(piece, 0, length);
      sent += length;
    }
    return checksum.getValue();
  }

  private static long drink(DataInputStream in, long octets) throws IOException {
    var piece = new byte[PIECE_OCTETS];
    var checksum = new CRC32C();
    for (var taken = 0L; taken < octets; ) {
      var length = in.read(piece, 0, (int) Math.min(PIECE_OCTETS, octets - taken));
      if (length < 0) {
        throw new EOFException(taken + " octets of " + octets);
      }
      checksum.update(piece, 0, length);
      taken += length;
    }
    return checksum.getValue();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
