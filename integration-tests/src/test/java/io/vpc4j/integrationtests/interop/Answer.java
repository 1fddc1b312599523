package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a connector answered to a request for a published application. */
final class Answer extends ChannelInboundHandlerAdapter {

  final CompletableFuture<Void> answered = new CompletableFuture<>();
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  volatile String text = "";
  volatile ConnectResponse response = ConnectResponse.failed("nothing was answered");
  volatile Throwable failure;

  /** Asks, and waits for the whole answer. */
  static Answer to(EdgeConnection connection, ConnectRequest request, String body)
      throws Exception {
    var answer = new Answer();
    var channel = answer.ask(connection, request);
    channel.writeAndFlush(new LastOctets(Unpooled.copiedBuffer(body, US_ASCII)));
    answer.inactive.get(20, TimeUnit.SECONDS);
    return answer;
  }

  /** Asks, and leaves the rest to the caller. */
  Channel ask(EdgeConnection connection, ConnectRequest request) throws Exception {
    var opening = connection.carrier().exchange(request, this);
    TrafficRows.yes("opened", opening.await(20, TimeUnit.SECONDS) && opening.isSuccess());
    return opening.getNow();
  }

  /** A request for {@code host}, without a word on its body. */
  static ConnectRequest request(String method, String host, String path, Metadata... more) {
    var metadata =
        new ArrayList<>(
            List.of(
                new Metadata(Metadata.HTTP_METHOD, method),
                new Metadata(Metadata.HTTP_HOST, host)));
    metadata.addAll(List.of(more));
    return new ConnectRequest(ConnectRequest.Type.HTTP, "http://" + host + path, metadata);
  }

  /** That a body of {@code octets} comes. */
  static Metadata length(int octets) {
    return Metadata.header("Content-Length", String.valueOf(octets));
  }

  int status() {
    return response.httpStatus().orElse(0);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ConnectResponse head) {
      response = head;
      answered.complete(null);
    } else {
      text = text.concat(((ByteBuf) message).toString(US_ASCII)); // one thread writes
      ((ByteBuf) message).release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = cause;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive.complete(null);
  }
}
