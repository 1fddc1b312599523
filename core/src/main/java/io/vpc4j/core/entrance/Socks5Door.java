package io.vpc4j.core.entrance;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * SOCKS5: {@code CONNECT} and {@code UDP ASSOCIATE}, with names resolved at the far end, without
 * authentication or with a user and a password. RFC 1928, 1929
 *
 * <p>{@code BIND} is answered with "command not supported", and so is {@code UDP ASSOCIATE} where
 * what lies behind carries no datagrams, or the client came through a Unix socket.
 */
final class Socks5Door extends ChannelInboundHandlerAdapter {

  private final Visit visit;
  private boolean dialling;
  private boolean associated;

  Socks5Door(Visit visit) {
    this.visit = visit;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (associated) {
      ReferenceCountUtil.release(message); // there is nothing more to say
      return;
    }
    if (dialling) {
      context.fireChannelRead(message); // sent early: the relay keeps it
      return;
    }
    try {
      if (message instanceof DecoderResultProvider decoded && decoded.decoderResult().isFailure()) {
        context.close(); // not SOCKS; there is nothing it would understand
      } else if (message instanceof Socks5InitialRequest greeting) {
        onGreeting(context, greeting);
      } else if (message instanceof Socks5PasswordAuthRequest login) {
        onLogin(context, login);
      } else if (message instanceof Socks5CommandRequest command) {
        onCommand(context, command);
      } else {
        context.close();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onGreeting(ChannelHandlerContext context, Socks5InitialRequest greeting) {
    var method = visit.guard().asks() ? Socks5AuthMethod.PASSWORD : Socks5AuthMethod.NO_AUTH;
    if (!greeting.authMethods().contains(method)) {
      context
          .writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED))
          .addListener(said -> context.close());
      return;
    }
    context.writeAndFlush(new DefaultSocks5InitialResponse(method));
    context
        .pipeline()
        .replace(
            Socks5InitialRequestDecoder.class,
            null,
            visit.guard().asks()
                ? new Socks5PasswordAuthRequestDecoder()
                : new Socks5CommandRequestDecoder());
  }

  private void onLogin(ChannelHandlerContext context, Socks5PasswordAuthRequest login) {
    if (!visit.guard().admits(login.username(), login.password())) {
      context
          .writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.FAILURE))
          .addListener(said -> context.close());
      return;
    }
    context.writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.SUCCESS));
    context
        .pipeline()
        .replace(Socks5PasswordAuthRequestDecoder.class, null, new Socks5CommandRequestDecoder());
  }

  private void onCommand(ChannelHandlerContext context, Socks5CommandRequest command) {
    if (command.type().equals(Socks5CommandType.UDP_ASSOCIATE)) {
      associate(context, command);
      return;
    }
    if (!command.type().equals(Socks5CommandType.CONNECT)) {
      refuse(context, Socks5CommandStatus.COMMAND_UNSUPPORTED);
      return;
    }
    context.channel().config().setAutoRead(false);
    dialling = true;
    visit.dialRaw(
        command.dstAddr(),
        command.dstPort(),
        upstream -> {
          context.writeAndFlush(reply(Socks5CommandStatus.SUCCESS));
          leave(context);
        },
        why -> refuse(context, Refusal.socks5(why.code())));
  }

  private void associate(ChannelHandlerContext context, Socks5CommandRequest command) {
    if (!visit.way().carriesDatagrams()
        || !(context.channel().localAddress() instanceof InetSocketAddress here)
        || !(context.channel().remoteAddress() instanceof InetSocketAddress there)) {
      refuse(context, Socks5CommandStatus.COMMAND_UNSUPPORTED);
      return;
    }
    visit.requested(); // from here on the connection only says how long
    var association = visit.associate(there.getAddress(), command.dstPort());
    association
        .bind(visit.loops(), here.getAddress())
        .addListener(
            (ChannelFuture bound) -> {
              if (!bound.isSuccess()) {
                refuse(context, Socks5CommandStatus.FAILURE);
                return;
              }
              associated = true;
              context.writeAndFlush(boundAt((InetSocketAddress) bound.channel().localAddress()));
            });
  }

  private static DefaultSocks5CommandResponse boundAt(InetSocketAddress relay) {
    var address = relay.getAddress();
    return new DefaultSocks5CommandResponse(
        Socks5CommandStatus.SUCCESS,
        address instanceof Inet6Address ? Socks5AddressType.IPv6 : Socks5AddressType.IPv4,
        address.getHostAddress(),
        relay.getPort());
  }

  private void leave(ChannelHandlerContext context) {
    var pipeline = context.pipeline();
    pipeline.remove(Socks5ServerEncoder.class);
    pipeline.remove(this);
    ChannelHandler decoder = pipeline.get(Socks5CommandRequestDecoder.class);
    if (decoder != null) {
      pipeline.remove(decoder); // hands on what the client sent early
    }
  }

  private static void refuse(ChannelHandlerContext context, Socks5CommandStatus status) {
    context.writeAndFlush(reply(status)).addListener(said -> context.close());
  }

  /** The address bound is none that the client could use: zeros, as RFC 1928 6 allows. */
  private static DefaultSocks5CommandResponse reply(Socks5CommandStatus status) {
    return new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4, "0.0.0.0", 0);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !dialling) {
      context.close();
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
