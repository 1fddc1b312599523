package io.vpc4j.benchmarks.peers;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** {@link java.net.http.HttpClient}. */
public final class JdkPeer implements Peer {

  private final HttpClient client;
  private final String base;
  private byte[] held = {};

  /** With defaults, but for version and trust. */
  public JdkPeer(Target target) throws Exception {
    var version =
        target.wire() == Wire.H2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
    client = HttpClient.newBuilder().version(version).sslContext(target.sslContext()).build();
    base = target.base();
  }

  @Override
  public int get(String path) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(base + path)).build();
    return client.send(request, BodyHandlers.ofByteArray()).body().length;
  }

  @Override
  public long download(String path) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(base + path)).build();
    return Peer.drain(client.send(request, BodyHandlers.ofInputStream()).body());
  }

  @Override
  public void hold(byte[] octets) {
    held = octets;
  }

  @Override
  public long upload(String path) throws Exception {
    return post(path, BodyPublishers.ofByteArray(held)); // a view: it copies a piece at a time
  }

  @Override
  public long uploadStream(String path, long length) throws Exception {
    return post(
        path,
        BodyPublishers.fromPublisher(
            BodyPublishers.ofInputStream(() -> new Zeros(length)), length));
  }

  private long post(String path, BodyPublisher body) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(base + path)).POST(body).build();
    return Long.parseLong(client.send(request, BodyHandlers.ofString()).body());
  }

  @Override
  public void close() {}
}
