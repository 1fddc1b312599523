package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.ClientEvent;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcClient;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import java.util.Optional;

/** Pushes a configuration with a call on a stream of its own. [C] 4.8 */
final class ConfigurationCall extends ChannelInboundHandlerAdapter {

  private final QuicEdgeCarrier carrier;
  private final RpcCall call;
  private final long deadlineNs;
  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);
  private final Promise<ConfigurationOutcome> outcome;

  ConfigurationCall(QuicEdgeCarrier carrier, int version, byte[] json, long deadlineNs) {
    this.carrier = carrier;
    this.call = new RpcCall.UpdateConfiguration(version, Octets.of(json));
    this.deadlineNs = deadlineNs;
    this.outcome = carrier.eventLoop().newPromise();
  }

  Future<ConfigurationOutcome> start() {
    carrier.onLoop(
        () -> {
          var deadline =
              carrier.deadline(
                  deadlineNs,
                  () -> outcome.tryFailure(StreamFailure.timedOut("no answer by the deadline")));
          outcome.addListener(done -> carrier.onLoop(deadline::cancel));
        });
    carrier
        .openRpc(this)
        .addListener(
            (Future<Channel> stream) -> {
              if (!stream.isSuccess()) {
                outcome.tryFailure(stream.cause());
                return;
              }
              var channel = stream.getNow();
              outcome.addListener(done -> channel.close());
            });
    return outcome;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    client.call(call);
    pump(context);
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var octets = (ByteBuf) message;
    try {
      client.onOctets(octets.nioBuffer());
    } finally {
      octets.release();
    }
    pump(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    outcome.tryFailure(StreamFailure.lost("the stream ended before an answer", null));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    outcome.tryFailure(StreamFailure.lost("the stream was lost before an answer", cause));
    context.close();
  }

  private void pump(ChannelHandlerContext context) {
    for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
      onEvent(event);
    }
    for (var octets = client.pollOctets(); octets != null; octets = client.pollOctets()) {
      context.write(Unpooled.wrappedBuffer(octets));
    }
    context.flush();
  }

  private void onEvent(ClientEvent event) {
    if (event instanceof ClientEvent.Replied replied
        && replied.reply() instanceof RpcReply.ConfigurationUpdated updated) {
      outcome.trySuccess(
          new ConfigurationOutcome(
              updated.latestAppliedVersion(),
              updated.error().isEmpty() ? Optional.empty() : Optional.of(updated.error())));
      client.close();
    } else if (event instanceof ClientEvent.Failed failed) {
      outcome.tryFailure(StreamFailure.lost(failed.fault().reason(), null));
    } else if (event instanceof ClientEvent.Ended ended) {
      outcome.tryFailure(StreamFailure.lost(ended.end().detail(), null));
    }
  }
}
