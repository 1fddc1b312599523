package io.vpc4j.benchmarks.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** Reactor Netty, blocked on as Spring's blocking clients do, with a pool as large as ours. */
public final class ReactorPeer implements Peer {

  private static final int CHUNK_OCTETS = 64 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ConnectionProvider connections;
  private final HttpClient client;

  /** With defaults, but for version, trust and pool. */
  public ReactorPeer(Target target) throws Exception {
    connections = ConnectionProvider.builder("bench").maxConnections(64).build();
    var plain = HttpClient.create(connections).baseUrl(target.base());
    var trust = target.certificate().toFile();
    client =
        switch (target.wire()) {
          case HTTP -> plain;
          case HTTPS ->
              plain.secure(
                  ssl ->
                      ssl.sslContext(
                          (GenericSslContextSpec<SslContextBuilder>)
                              Http11SslContextSpec.forClient()
                                  .configure(
                                      c ->
                                          c.trustManager(trust).sslProvider(SslProvider.OPENSSL))));
          case H2 ->
              plain
                  .protocol(HttpProtocol.H2)
                  .secure(
                      ssl ->
                          ssl.sslContext(
                              (GenericSslContextSpec<SslContextBuilder>)
                                  Http2SslContextSpec.forClient()
                                      .configure(
                                          c ->
                                              c.trustManager(trust)
                                                  .sslProvider(SslProvider.OPENSSL))));
        };
  }

  @Override
  public int get(String path) {
    return Objects.requireNonNull(
            client.get().uri(path).responseContent().aggregate().asByteArray().block(PATIENCE))
        .length;
  }

  @Override
  public long download(String path) {
    return Objects.requireNonNull(
        client
            .get()
            .uri(path)
            .responseContent()
            .map(buffer -> (long) buffer.readableBytes())
            .reduce(0L, Long::sum)
            .block(PATIENCE));
  }

  @Override
  public long upload(String path, long length) {
    var zeros = new byte[CHUNK_OCTETS];
    Flux<ByteBuf> body =
        Flux.range(0, (int) (length / CHUNK_OCTETS)).map(i -> Unpooled.wrappedBuffer(zeros));
    return Long.parseLong(
        Objects.requireNonNull(
            client
                .headers(headers -> headers.set("content-length", length))
                .post()
                .uri(path)
                .send(body)
                .responseContent()
                .aggregate()
                .asString()
                .block(PATIENCE)));
  }

  @Override
  public void close() {
    connections.disposeLater().block(PATIENCE);
  }
}
