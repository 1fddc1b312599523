package io.vpc4j.benchmarks.peers;

import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/** Apache HttpClient 5, the classic one, with a pool as large as ours. It has no HTTP/2. */
public final class ApachePeer implements Peer {

  private final CloseableHttpClient client;
  private final String base;
  private HttpEntity held = new ByteArrayEntity(new byte[0], null);

  /** With defaults, but for trust and pool. */
  public ApachePeer(Target target) throws Exception {
    if (target.wire() == Wire.H2) {
      throw new UnsupportedOperationException("the classic client has no HTTP/2");
    }
    client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setTlsSocketStrategy(new DefaultClientTlsStrategy(target.sslContext()))
                    .setMaxConnPerRoute(64)
                    .setMaxConnTotal(64)
                    .build())
            .build();
    base = target.base();
  }

  @Override
  public int get(String path) throws Exception {
    return client.execute(
        new HttpGet(base + path), response -> EntityUtils.toByteArray(response.getEntity()).length);
  }

  @Override
  public long download(String path) throws Exception {
    return client.execute(
        new HttpGet(base + path), response -> Peer.drain(response.getEntity().getContent()));
  }

  @Override
  public void hold(byte[] octets) {
    held = new ByteArrayEntity(octets, null);
  }

  @Override
  public long upload(String path) throws Exception {
    return post(path, held);
  }

  @Override
  public long uploadStream(String path, long length) throws Exception {
    return post(path, new InputStreamEntity(new Zeros(length), length, null));
  }

  private long post(String path, HttpEntity body) throws java.io.IOException {
    var request = new HttpPost(base + path);
    request.setEntity(body);
    return client.execute(
        request, response -> Long.parseLong(EntityUtils.toString(response.getEntity())));
  }

  @Override
  public void close() throws java.io.IOException {
    client.close();
  }
}
