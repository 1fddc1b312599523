package io.vpc4j.benchmarks.peers;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/** OkHttp, with a pool as large as ours. */
public final class OkHttpPeer implements Peer {

  private final OkHttpClient client;
  private final String base;
  private RequestBody held = RequestBody.create(new byte[0], null);

  /** With defaults, but for version, trust and pool. */
  public OkHttpPeer(Target target) throws Exception {
    client =
        new OkHttpClient.Builder()
            .protocols(
                target.wire() == Wire.H2
                    ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
                    : List.of(Protocol.HTTP_1_1))
            .sslSocketFactory(target.sslContext().getSocketFactory(), target.trustManager())
            .connectionPool(new ConnectionPool(64, 30, TimeUnit.SECONDS))
            .build();
    base = target.base();
  }

  @Override
  public int get(String path) throws Exception {
    var request = new Request.Builder().url(base + path).build();
    try (var response = client.newCall(request).execute()) {
      return response.body().bytes().length;
    }
  }

  @Override
  public long download(String path) throws Exception {
    var request = new Request.Builder().url(base + path).build();
    try (var response = client.newCall(request).execute()) {
      return Peer.drain(response.body().byteStream());
    }
  }

  @Override
  public void hold(byte[] octets) {
    held = RequestBody.create(octets, null);
  }

  @Override
  public long upload(String path) throws Exception {
    return post(path, held);
  }

  @Override
  public long uploadStream(String path, long length) throws Exception {
    return post(
        path,
        new RequestBody() {
          @Override
          public @Nullable MediaType contentType() {
            return null;
          }

          @Override
          public long contentLength() {
            return length;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeAll(Okio.source(new Zeros(length)));
          }
        });
  }

  private long post(String path, RequestBody body) throws IOException {
    var request = new Request.Builder().url(base + path).post(body).build();
    try (var response = client.newCall(request).execute()) {
      return Long.parseLong(response.body().string());
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
