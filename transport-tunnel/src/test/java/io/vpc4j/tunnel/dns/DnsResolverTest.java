package io.vpc4j.tunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.dns.DnsEffect.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The resolver against Netty's own server codec, over channels in memory. */
@Timeout(30)
class DnsResolverTest {

  private static final IpAddress V4 = IpAddress.require("10.0.1.50");
  private final LocalAddress server = new LocalAddress(DnsResolverTest.class); // one for each test

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final Ticker ticker = Ticker.system();
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicInteger questions = new AtomicInteger();
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private final Queue<String> dests = new ConcurrentLinkedQueue<>();
  private final DnsResolver resolver =
      new DnsResolver(
          group.next(), ticker, this::open, Path.STREAM, DnsLimits.DEFAULT, ids::incrementAndGet);

  @BeforeEach
  void serve() throws InterruptedException {
    new ServerBootstrap()
        .group(group)
        .channel(LocalServerChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                open.add(channel);
                channel.closeFuture().addListener(done -> open.remove(channel));
                channel
                    .pipeline()
                    .addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new Server());
              }
            })
        .bind(server)
        .sync();
  }

  @AfterEach
  void nothingIsLeftOpen() throws InterruptedException {
    resolver.close();
    for (var channel : open) {
      assertThat(channel.closeFuture().await(30, TimeUnit.SECONDS)).as("%s", channel).isTrue();
    }
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
  }

  /** Knows db.internal, says nothing of silent.internal, hangs up on rude.internal. */
  private final class Server extends SimpleChannelInboundHandler<DnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DnsQuery query) {
      questions.incrementAndGet();
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      if (question.name().equals("silent.internal.")) {
        return;
      }
      if (question.name().equals("rude.internal.")) {
        context.close();
        return;
      }
      var response = new DefaultDnsResponse(query.id());
      response.addRecord(
          DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
      if (!question.name().equals("db.internal.")) {
        response.setCode(DnsResponseCode.NXDOMAIN);
      } else if (question.type().equals(DnsRecordType.A)) {
        response.addRecord(
            DnsSection.ANSWER,
            new DefaultDnsRawRecord(
                question.name(),
                DnsRecordType.A,
                60,
                context.alloc().buffer().writeBytes(V4.octets())));
      }
      context.writeAndFlush(response);
    }
  }

  private Future<Channel> open(
      Path path, String tunnelId, String dest, ChannelHandler initializer, long deadlineNs) {
    dests.add(dest);
    var loop = group.next();
    Promise<Channel> promise = loop.newPromise();
    var connecting =
        new Bootstrap()
            .group(loop)
            .channel(LocalChannel.class)
            .handler(initializer)
            .connect(server);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            promise.tryFailure(done.cause());
          } else if (!promise.trySuccess(connecting.channel())) {
            connecting.channel().close();
          }
        });
    return promise;
  }

  private Future<List<IpAddress>> resolve(String name, long seconds) {
    return resolver.resolve(
        "t1", name, List.of(), ticker.nowNs() + TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void aNameIsResolved() throws Exception {
    assertThat(resolve("db.internal", 20).get()).containsExactly(V4);
    assertThat(dests).containsExactly(VirtualDns.DESTINATION);
    assertThat(questions).hasValue(2);
  }

  @Test
  void aSecondTimeNobodyIsAsked() throws Exception {
    resolve("db.internal", 20).get();
    var before = questions.get();
    resolve("DB.internal.", 20).get();

    assertThat(questions.get() - before).isLessThanOrEqualTo(1); // AAAA had no SOA to keep it by
  }

  @Test
  void aNameThatDoesNotExistFails() {
    failsWith(resolve("nope.internal", 20), ErrorCode.DNS_ERROR, "nope.internal does not exist");
  }

  @Test
  void aNameThatIsNoneFailsAtOnce() {
    var failed = resolve("a..b", 20);

    assertThat(failed.isDone()).isTrue();
    failsWith(failed, ErrorCode.DNS_ERROR, "no name that can be asked for");
  }

  @Test
  void silenceIsATimeout() {
    var deadlineNs = ticker.nowNs() + TimeUnit.MILLISECONDS.toNanos(50);

    failsWith(
        resolver.resolve("t1", "silent.internal", List.of(), deadlineNs),
        ErrorCode.DNS_TIMEOUT,
        "not resolved in time");
  }

  @Test
  void aResolverThatHangsUpIsAnError() {
    failsWith(resolve("rude.internal", 20), ErrorCode.DNS_ERROR, "closed the connection");
    assertThat(dests).hasSize(3);
  }

  @Test
  void aCancelledLookupLeavesNothing() throws InterruptedException {
    var cancelled = resolve("silent.internal", 20);
    cancelled.cancel(false);

    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(cancelled.isCancelled()).isTrue();
  }

  @Test
  void afterTheEndEveryLookupFails() {
    var waiting = resolve("silent.internal", 20);
    resolver.close();

    failsWith(waiting, ErrorCode.DNS_ERROR, "closed");
    failsWith(resolve("db.internal", 20), ErrorCode.DNS_ERROR, "closed");
  }

  private static void failsWith(Future<?> future, ErrorCode code, String message) {
    assertThatThrownBy(future::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            VpcException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e).hasMessageContaining(message);
            });
  }
}
