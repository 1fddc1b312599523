package io.vpc4j.core.fetch.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TlsSettings.ClientCertificate;
import io.vpc4j.core.directory.TlsSettings.Mode;
import io.vpc4j.core.fetch.exchange.TlsLayer;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real handshakes on 127.0.0.1: every mode against every kind of certificate, on both engines. */
@Timeout(60)
class NettyTlsTest {

  enum Provider {
    JDK(SslProvider.JDK),
    OPENSSL(SslProvider.OPENSSL);

    final SslProvider provider;

    Provider(SslProvider provider) {
      this.provider = provider;
    }
  }

  private static final String NAME = "api.internal";

  private static EventLoops loops;
  private static X509Bundle authority;
  private static X509Bundle stranger;

  @BeforeAll
  static void authorities() throws Exception {
    loops = EventLoops.open(EventLoops.Io.NIO, 2);
    authority = authorityCalled("CN=ours");
    stranger = authorityCalled("CN=a stranger");
  }

  @AfterAll
  static void stop() {
    loops.close();
  }

  // ---- what is accepted

  @ParameterizedTest
  @EnumSource
  void aGoodCertificateIsAccepted(Provider on) throws Exception {
    var outcome = connect(on, good(), NAME, trusting(Mode.VERIFY_FULL), Request.Http.NEGOTIATE);

    assertThat(outcome).isEqualTo("secured h2");
  }

  @ParameterizedTest
  @EnumSource
  void theWishIsWhatIsOffered(Provider on) throws Exception {
    assertThat(connect(on, good(), NAME, trusting(Mode.VERIFY_FULL), Request.Http.HTTP_1_1))
        .isEqualTo("secured http/1.1");
    assertThat(connect(on, good(), NAME, trusting(Mode.VERIFY_FULL), Request.Http.HTTP_2))
        .isEqualTo("secured h2");
  }

  @ParameterizedTest
  @EnumSource
  void anAddressIsMatchedWithTheCertificatesAddresses(Provider on) throws Exception {
    assertThat(connect(on, good(), "127.0.0.1", trusting(Mode.VERIFY_FULL))).startsWith("secured");
    assertThat(connect(on, good(), "10.0.1.50", trusting(Mode.VERIFY_FULL)))
        .startsWith("tls_certificate_error");
  }

  @ParameterizedTest
  @EnumSource
  void verifyCaDoesNotLookAtTheName(Provider on) throws Exception {
    assertThat(connect(on, good(), "other.internal", trusting(Mode.VERIFY_CA)))
        .startsWith("secured");
  }

  @ParameterizedTest
  @EnumSource
  void disabledAcceptsAnything(Provider on) throws Exception {
    assertThat(connect(on, expired(), "other.internal", settings(Mode.DISABLED, null)))
        .startsWith("secured");
    assertThat(connect(on, byStranger(), "other.internal", settings(Mode.DISABLED, null)))
        .startsWith("secured");
  }

  // ---- what is refused, and how it is called

  @ParameterizedTest
  @EnumSource
  void aCertificateForAnotherNameIsRefused(Provider on) throws Exception {
    assertThat(connect(on, good(), "other.internal", trusting(Mode.VERIFY_FULL)))
        .startsWith("tls_certificate_error")
        .contains("another name");
  }

  @ParameterizedTest
  @EnumSource
  void anExpiredCertificateIsRefused(Provider on) throws Exception {
    for (var mode : new Mode[] {Mode.VERIFY_FULL, Mode.VERIFY_CA}) {
      assertThat(connect(on, expired(), NAME, trusting(mode)))
          .startsWith("tls_certificate_error")
          .contains("expired");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStrangersCertificateIsRefused(Provider on) throws Exception {
    for (var mode : new Mode[] {Mode.VERIFY_FULL, Mode.VERIFY_CA}) {
      assertThat(connect(on, byStranger(), NAME, trusting(mode)))
          .startsWith("tls_certificate_error")
          .contains("no trusted authority");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPrivateAuthorityReplacesTheSystems(Provider on) throws Exception {
    assertThat(connect(on, good(), NAME, settings(Mode.VERIFY_FULL, null)))
        .startsWith("tls_certificate_error");
  }

  @ParameterizedTest
  @EnumSource
  void aPeerThatClosesIsAProtocolError(Provider on) throws Exception {
    var server =
        listen(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.close();
              }
            });

    assertThat(handshake(on, server, NAME, trusting(Mode.VERIFY_FULL), Request.Http.NEGOTIATE))
        .startsWith("tls_protocol_error");
  }

  @ParameterizedTest
  @EnumSource
  void aPeerThatDoesNotSpeakTlsIsAProtocolError(Provider on) throws Exception {
    var server =
        listen(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new ChannelInboundHandlerAdapter() {
                          @Override
                          public void channelRead(
                              io.netty.channel.ChannelHandlerContext context, Object message) {
                            io.netty.util.ReferenceCountUtil.release(message);
                            context.writeAndFlush(
                                io.netty.buffer.Unpooled.wrappedBuffer(
                                    "HTTP/1.1 400 Bad Request\r\n\r\n"
                                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
                          }
                        });
              }
            });

    assertThat(handshake(on, server, NAME, trusting(Mode.VERIFY_FULL), Request.Http.NEGOTIATE))
        .startsWith("tls_protocol_error");
  }

  // ---- client certificates

  @ParameterizedTest
  @EnumSource
  void aClientCertificateIsShownIfAskedFor(Provider on) throws Exception {
    var client = leaf().subject("CN=client").buildIssuedBy(authority);
    var server =
        serverBuilder(good())
            .clientAuth(ClientAuth.REQUIRE)
            .trustManager(authority.getCertificate());
    var mine =
        new ClientCertificate(client.getCertificatePathPEM(), Secret.of(client.getPrivateKeyPEM()));
    var settings =
        new TlsSettings(
            Mode.VERIFY_FULL, Optional.of(authority.getCertificatePEM()), Optional.of(mine));

    assertThat(connect(on, server.build(), NAME, settings, Request.Http.HTTP_1_1))
        .isEqualTo("secured http/1.1");
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatCannotBeReadIsAnErrorOfTheConfiguration(Provider on) throws Exception {
    var junk = new ClientCertificate("not PEM", Secret.of("not PEM"));
    var settings = new TlsSettings(Mode.VERIFY_FULL, Optional.empty(), Optional.of(junk));

    assertThat(connect(on, good(), NAME, settings)).startsWith("configuration_error");
  }

  // ---- fixtures

  private static X509Bundle authorityCalled(String name) throws Exception {
    return new CertificateBuilder().subject(name).setIsCertificateAuthority(true).buildSelfSigned();
  }

  private static CertificateBuilder leaf() {
    return new CertificateBuilder()
        .subject("CN=server")
        .addSanDnsName(NAME)
        .addSanIpAddress("127.0.0.1");
  }

  private static X509Bundle good() throws Exception {
    return leaf().buildIssuedBy(authority);
  }

  private static X509Bundle byStranger() throws Exception {
    return leaf().buildIssuedBy(stranger);
  }

  private static X509Bundle expired() throws Exception {
    return leaf()
        .notBefore(Instant.now().minus(30, ChronoUnit.DAYS))
        .notAfter(Instant.now().minus(1, ChronoUnit.DAYS))
        .buildIssuedBy(authority);
  }

  private static TlsSettings trusting(Mode mode) {
    return settings(mode, authority.getCertificatePEM());
  }

  private static TlsSettings settings(Mode mode, String certificateAuthority) {
    return new TlsSettings(mode, Optional.ofNullable(certificateAuthority), Optional.empty());
  }

  private static SslContextBuilder serverBuilder(X509Bundle bundle) throws Exception {
    return SslContextBuilder.forServer(bundle.toKeyManagerFactory())
        .sslProvider(SslProvider.JDK)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                "h2",
                "http/1.1"));
  }

  private static String connect(Provider on, X509Bundle server, String host, TlsSettings settings)
      throws Exception {
    return connect(on, server, host, settings, Request.Http.NEGOTIATE);
  }

  private static String connect(
      Provider on, X509Bundle server, String host, TlsSettings settings, Request.Http wish)
      throws Exception {
    return connect(on, serverBuilder(server).build(), host, settings, wish);
  }

  private static String connect(
      Provider on, SslContext server, String host, TlsSettings settings, Request.Http wish)
      throws Exception {
    var listener =
        listen(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(server.newHandler(channel.alloc()), new Quiet());
              }
            });
    return handshake(on, listener, host, settings, wish);
  }

  private static Channel listen(ChannelInitializer<Channel> accepted) throws Exception {
    return new ServerBootstrap()
        .group(loops.group())
        .channelFactory(loops.serverSocketChannels())
        .childHandler(accepted)
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  /** {@code secured PROTOCOL}, or {@code CODE: sentence}. */
  private static String handshake(
      Provider on, Channel server, String host, TlsSettings settings, Request.Http wish)
      throws Exception {
    assumeThat(on == Provider.JDK || OpenSsl.isAvailable())
        .as("netty-tcnative has no library for this platform: OpenSSL is not tested")
        .isTrue();
    var layer = new NettyTls(on.provider);
    var outcome = new CompletableFuture<String>();
    var listener =
        new TlsLayer.Listener() {
          @Override
          public void onSecured(String protocol) {
            outcome.complete("secured " + protocol);
          }

          @Override
          public void onFailure(VpcException failure) {
            assertThat(failure.stage()).isEqualTo(VpcException.Stage.TLS);
            assertThat(failure.code()).isIn((Object[]) ErrorCode.values());
            outcome.complete(failure.getMessage());
          }
        };
    var client =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(loops.socketChannels())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    layer.handshake(channel, host, 443, settings, wish, listener);
                  }
                })
            .connect(
                new InetSocketAddress(
                    InetAddress.getLoopbackAddress(),
                    ((InetSocketAddress) server.localAddress()).getPort()));
    try {
      return outcome.get(20, TimeUnit.SECONDS);
    } finally {
      client.channel().close().sync();
      server.close().sync();
    }
  }

  private static final class Quiet extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(io.netty.channel.ChannelHandlerContext context, Throwable cause) {
      context.close(); // what the client saw is what is asserted
    }
  }
}
