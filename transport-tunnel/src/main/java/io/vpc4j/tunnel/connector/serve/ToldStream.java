package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.connector.serve.FlowLog.Kind;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import org.slf4j.event.Level;

/** A request whose course is told to whoever listens. */
final class ToldStream implements IncomingStream {

  private final IncomingStream stream;
  private final FlowLog log;
  private final Kind kind;
  private final String words;

  ToldStream(IncomingStream stream, FlowLog log) {
    this.stream = stream;
    this.log = log;
    var request = stream.request();
    if (request.type() == ConnectRequest.Type.TCP) {
      kind = Kind.TCP;
      words = "TCP to " + request.dest();
    } else {
      kind = Kind.HTTP;
      var path = OriginHeads.path(request).split("\\?", 2)[0]; // a query may hold secrets
      var method = request.first(Metadata.HTTP_METHOD).orElse("GET");
      words = method + " " + OriginHeads.host(request) + path;
    }
    log.tell(Level.DEBUG, kind, words);
  }

  @Override
  public ConnectRequest request() {
    return stream.request();
  }

  @Override
  public Channel channel() {
    return stream.channel();
  }

  @Override
  public void begin(ChannelHandler initializer) {
    stream.begin(initializer);
  }

  @Override
  public Future<Void> answer(ConnectResponse response) {
    var status = response.httpStatus();
    log.tell(
        Level.DEBUG, kind, words + (status.isPresent() ? ": " + status.getAsInt() : ": connected"));
    return stream.answer(response);
  }

  @Override
  public void refuse(ConnectResponse response) {
    log.tell(Level.ERROR, kind, words + ": " + response.error());
    stream.refuse(response);
  }

  @Override
  public void reset() {
    log.tell(Level.ERROR, kind, words + ": cut short");
    stream.reset();
  }
}
