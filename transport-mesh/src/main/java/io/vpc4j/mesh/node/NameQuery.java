package io.vpc4j.mesh.node;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryEncoder;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryEncoder;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One question, one type of record, asked of one resolver over the mesh: by UDP, again after a
 * second and after two more, and by TCP where the answer was cut short. RFC 1035, RFC 7766
 *
 * <p>An answer counts if its identifier and question are the query's; it came from the resolver's
 * address and port, since the socket is connected. Confined to the loop.
 */
final class NameQuery {

  private static final int TRIES = 3;
  private static final int MAX_ADDRESSES = 64;

  private final Mesh mesh;
  private final String nodeId;
  private final InetSocketAddress resolver;
  private final String name;
  private final DnsRecordType type;
  private final int id;
  private final Promise<List<IpAddress>> answer;
  private @Nullable Channel channel;

  /** An answer that says no, as against none. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * Asks nothing yet.
   *
   * @param nodeId behind whom the resolver is; empty for whoever has its address
   */
  NameQuery(
      Mesh mesh,
      String nodeId,
      InetSocketAddress resolver,
      String name,
      DnsRecordType type,
      int id,
      Promise<List<IpAddress>> answer) {
    this.mesh = mesh;
    this.nodeId = nodeId;
    this.resolver = resolver;
    this.name = name;
    this.type = type;
    this.id = id;
    this.answer = answer;
  }

  void ask() {
    answer.addListener(done -> close());
    mesh.connectDatagrams(nodeId, IpAddress.of(resolver.getAddress()), resolver.getPort(), udp())
        .addListener(
            done -> {
              if (done.isSuccess()) {
                channel = (Channel) done.getNow();
                send(1);
              } else {
                answer.tryFailure(done.cause());
              }
            });
  }

  private ChannelInitializer<Channel> udp() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel made) {
        made.pipeline()
            .addLast(new DatagramDnsQueryEncoder(), new DatagramDnsResponseDecoder(), new Reader());
      }
    };
  }

  private void send(int attempt) {
    var open = channel;
    if (answer.isDone() || open == null || !open.isActive()) {
      return;
    }
    open.writeAndFlush(
        question(new DatagramDnsQuery((InetSocketAddress) open.localAddress(), resolver, id)));
    if (attempt < TRIES) {
      open.eventLoop().schedule(() -> send(attempt + 1), attempt, TimeUnit.SECONDS);
    }
  }

  private <Q extends DnsQuery> Q question(Q query) {
    query.setRecursionDesired(true);
    query.addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(name + ".", type));
    return query;
  }

  private void askByTcp() {
    close();
    mesh.connect(
            nodeId,
            IpAddress.of(resolver.getAddress()),
            resolver.getPort(),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel made) {
                made.pipeline()
                    .addLast(new TcpDnsQueryEncoder(), new TcpDnsResponseDecoder(), new Reader());
              }
            })
        .addListener(
            done -> {
              if (done.isSuccess()) {
                var open = (Channel) done.getNow();
                channel = open;
                if (answer.isDone()) {
                  open.close();
                } else {
                  open.writeAndFlush(question(new DefaultDnsQuery(id)));
                }
              } else {
                answer.tryFailure(done.cause());
              }
            });
  }

  private void close() {
    var open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private final class Reader extends SimpleChannelInboundHandler<DnsResponse> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DnsResponse response) {
      if (response.id() != id || !isOurs(response) || answer.isDone()) {
        return;
      }
      if (response.isTruncated() && response instanceof AddressedEnvelope<?, ?>) {
        askByTcp();
        return;
      }
      var code = response.code();
      if (code.equals(DnsResponseCode.NOERROR)) {
        answer.trySuccess(addresses(response));
      } else if (code.equals(DnsResponseCode.NXDOMAIN)) {
        answer.tryFailure(new Refused("there is no such name"));
      } else {
        answer.tryFailure(new Refused("the resolver says " + code));
      }
    }

    private boolean isOurs(DnsResponse response) {
      if (response.count(DnsSection.QUESTION) != 1) {
        return false;
      }
      var question = response.recordAt(DnsSection.QUESTION);
      return question.type().equals(type) && question.name().equalsIgnoreCase(name + ".");
    }

    /** A message that cannot be read, or a resolver that is not there: by UDP, another may come. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof IOException) {
        answer.tryFailure(cause);
      }
    }
  }

  /** Addresses of the type asked for; aliases on the way are the resolver's business. */
  private List<IpAddress> addresses(DnsResponse response) {
    var found = new ArrayList<IpAddress>();
    var count = response.count(DnsSection.ANSWER);
    for (var i = 0; i < count && found.size() < MAX_ADDRESSES; i++) {
      if (response.recordAt(DnsSection.ANSWER, i) instanceof DnsRawRecord raw
          && raw.type().equals(type)) {
        address(raw.content()).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<IpAddress> address(ByteBuf content) {
    var octets = new byte[content.readableBytes()];
    content.getBytes(content.readerIndex(), octets);
    return octets.length == 4 || octets.length == 16
        ? Optional.of(IpAddress.ofOctets(octets))
        : Optional.empty();
  }
}
