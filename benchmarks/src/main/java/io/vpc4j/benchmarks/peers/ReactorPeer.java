package io.vpc4j.benchmarks.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
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
  private byte[] held = {};

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
  public void hold(byte[] octets) {
    held = octets;
  }

  /** Slices of the array: of one buffer that wraps it whole Netty would make a direct one first. */
  @Override
  public long upload(String path) {
    return post(
        path,
        held.length,
        Flux.range(0, (held.length + CHUNK_OCTETS - 1) / CHUNK_OCTETS).map(this::slice));
  }

  private ByteBuf slice(int index) {
    var at = index * CHUNK_OCTETS;
    return Unpooled.wrappedBuffer(held, at, Math.min(CHUNK_OCTETS, held.length - at));
  }

  /** One read after the other, on the threads that it has for what blocks. */
  @Override
  public long uploadStream(String path, long length) {
    Flux<ByteBuf> body =
        Flux.generate(
            () -> new Zeros(length),
            (zeros, sink) -> {
              var piece = new byte[CHUNK_OCTETS];
              var count = zeros.read(piece, 0, CHUNK_OCTETS);
              if (count < 0) {
                sink.complete();
              } else {
                sink.next(Unpooled.wrappedBuffer(piece, 0, count));
              }
              return zeros;
            });
    return post(path, length, body.subscribeOn(Schedulers.boundedElastic()));
  }

  private long post(String path, long length, Flux<ByteBuf> body) {
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
