package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ConnectOptions.SecureTransport;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcChannel;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TlsSettings.ClientCertificate;
import io.vpc4j.core.directory.TlsSettings.Mode;
import io.vpc4j.core.net.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS on raw connections: off, on, starttls; every mode, a private CA, a client's certificate. */
@Timeout(120)
class TlsConnectTest {

  private static final char[] PASSWORD = "secret".toCharArray();
  private static final ConnectOptions ON =
      ConnectOptions.defaults().withSecureTransport(SecureTransport.ON);
  private static final ConnectOptions STARTTLS =
      ConnectOptions.defaults().withSecureTransport(SecureTransport.STARTTLS);

  private static X509Bundle authority;
  private static X509Bundle server;
  private static X509Bundle otherName;
  private static X509Bundle client;

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @BeforeAll
  static void certificates() throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=ours")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    server = certificate("CN=server", "db.internal", "db.mesh");
    otherName = certificate("CN=other", "other.internal");
    client = certificate("CN=client");
  }

  private static X509Bundle certificate(String subject, String... names) throws Exception {
    var builder = new CertificateBuilder().subject(subject);
    for (var name : names) {
      builder.addSanDnsName(name);
    }
    return builder.buildIssuedBy(authority);
  }

  @AfterEach
  void stop() throws IOException {
    servers.close();
    PrivateWorld.tls = TlsSettings.DEFAULT;
  }

  // ---- on

  @ParameterizedTest
  @EnumSource
  void tlsFromTheFirstOctet(Over over) throws Exception {
    var port = secureServer(server, false, Servers::echo);
    var bad = secureServer(otherName, false, Servers::echo);
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port, bad);
        var socket = world.network().connect(world.host(), port, ON)) {
      assertThat(refusal(world, bad)).isEqualTo(ErrorCode.TLS_CERTIFICATE_ERROR);
      assertThat(socket.tlsSession().orElseThrow().getProtocol()).startsWith("TLSv1.");
      var sent = new byte[200_000];
      new Random(5).nextBytes(sent);
      socket.getOutputStream().write(sent);
      assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      assertThatThrownBy(socket::startTls)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot startTls on a TLS socket.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChannelSpeaksTlsAsWell(Over over) throws Exception {
    var port = secureServer(server, false, Servers::echo);
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port);
        var channel =
            world.network().openChannel(world.host(), port, ON).get(30, TimeUnit.SECONDS)) {
      channel.write(UTF_8.encode("hello")).get(30, TimeUnit.SECONDS);
      var into = ByteBuffer.allocate(5);
      while (into.hasRemaining()) {
        channel.read(into).get(30, TimeUnit.SECONDS);
      }
      assertThat(new String(into.array(), UTF_8)).isEqualTo("hello");
      assertThat(channel.tlsSession()).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LOOPBACK", "MESH"})
  void whatIsNotTrustedIsRefused(Over over) throws Exception {
    var good = secureServer(server, false, Servers::echo);
    var bad = secureServer(otherName, false, Servers::echo);
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, good, bad)) {
      assertThat(refusal(world, bad)).isEqualTo(ErrorCode.TLS_CERTIFICATE_ERROR);
    }
    PrivateWorld.tls = trusting(Mode.VERIFY_CA);
    try (var world = over.open(folder, good, bad);
        var socket = world.network().connect(world.host(), bad, ON);
        var channel = channel(world, bad)) {
      assertThat(socket.tlsSession()).as("verify_ca does not look at the name").isPresent();
      assertThat(channel.tlsSession()).isPresent();
    }
    PrivateWorld.tls = TlsSettings.DEFAULT;
    try (var world = over.open(folder, good, bad)) {
      assertThat(refusal(world, good)).isEqualTo(ErrorCode.TLS_CERTIFICATE_ERROR);
    }
    PrivateWorld.tls = new TlsSettings(Mode.DISABLED, Optional.empty(), Optional.empty());
    try (var world = over.open(folder, good, bad);
        var socket = world.network().connect(world.host(), bad, ON);
        var channel = channel(world, bad)) {
      assertThat(socket.tlsSession()).as("disabled takes anything").isPresent();
      assertThat(channel.tlsSession()).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientsCertificateIsShown(Over over) throws Exception {
    var seen = new LinkedBlockingQueue<String>();
    var port =
        secureServer(
            server,
            true,
            socket -> seen.add(((SSLSocket) socket).getSession().getPeerPrincipal().getName()));
    PrivateWorld.tls =
        new TlsSettings(
            Mode.VERIFY_FULL,
            Optional.of(authority.getCertificatePEM()),
            Optional.of(
                new ClientCertificate(
                    client.getCertificatePathPEM(),
                    Secret.of(client.getPrivateKeyPEM().getBytes(UTF_8)))));
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host(), port, ON)) {
      socket.getInputStream().read();
      assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("CN=client");
      try (var channel = channel(world, port)) {
        channel.read(ByteBuffer.allocate(1)).get(30, TimeUnit.SECONDS);
        assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("CN=client");
      }
    }
  }

  /** What the far end sends waits there while nobody reads, TLS or not. */
  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void aSecuredSocketHoldsTheFarEndBack(Over over) throws Exception {
    var octets = 64 * 1024 * 1024;
    var sent = new CompletableFuture<Void>();
    var port =
        secureServer(
            server,
            false,
            socket -> {
              socket.getOutputStream().write(new byte[octets]);
              sent.complete(null);
            });
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port);
        var socket = world.network().connect(world.host(), port, ON)) {
      for (var i = 0; i < 10; i++) {
        assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
        assertThat(socket.getInputStream().available()).isLessThan(1024 * 1024);
      }
      assertThat(sent).as("64 MiB that nobody has read").isNotDone();
      socket.getInputStream().skipNBytes(octets - 10_000);
      sent.get(60, TimeUnit.SECONDS);
    }
  }

  // ---- starttls

  @ParameterizedTest
  @EnumSource
  void tlsIsBegunInTheMiddle(Over over) throws Exception {
    var port = servers.start(socket -> upgrade(socket, "GO\n"));
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port);
        var plain = world.network().connect(world.host(), port, STARTTLS)) {
      assertThat(plain.tlsSession()).isEmpty();
      plain.setSoTimeout(20_000);
      var in = plain.getInputStream();
      plain.getOutputStream().write("STARTTLS\n".getBytes(UTF_8));
      assertThat(in.readNBytes(3)).asString(UTF_8).isEqualTo("GO\n");

      try (var secured = plain.startTls()) {
        assertThat(secured.tlsSession()).isPresent();
        assertThat(secured.getSoTimeout()).isEqualTo(20_000);
        secured.getOutputStream().write("under TLS".getBytes(UTF_8));
        assertThat(secured.getInputStream().readNBytes(9)).asString(UTF_8).isEqualTo("under TLS");
        assertThat(plain.isClosed()).isTrue();
        assertThatThrownBy(in::read).isInstanceOf(java.net.SocketException.class);
        closed(plain);
        secured.getOutputStream().write('x');
        assertThat(secured.getInputStream().read()).as("still open").isEqualTo('x');
      }
      try (var other = world.network().connect(world.host(), port, STARTTLS)) {
        other.getOutputStream().write("STARTTLS\n".getBytes(UTF_8));
        assertThat(other.getInputStream().readNBytes(3)).hasSize(3);
        assertThatThrownBy(() -> other.startTls("wrong.internal"))
            .isInstanceOfSatisfying(
                VpcException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.TLS_CERTIFICATE_ERROR));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void octetsThatCameTooEarlyAreNotTaken(Over over) throws Exception {
    var port = servers.start(socket -> upgrade(socket, "GO\nINJECTED"));
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port);
        var plain = world.network().connect(world.host(), port, STARTTLS)) {
      plain.getOutputStream().write("STARTTLS\n".getBytes(UTF_8));
      assertThat(plain.getInputStream().readNBytes(3)).asString(UTF_8).isEqualTo("GO\n");
      assertThatThrownBy(plain::startTls)
          .isInstanceOfSatisfying(
              VpcException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TLS_PROTOCOL_ERROR));
      assertThat(plain.isClosed()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "LOOPBACK")
  void startTlsIsForThoseWhoAskedForIt(Over over) throws Exception {
    var port = servers.start(socket -> upgrade(socket, "GO\n"));
    PrivateWorld.tls = trusting(Mode.VERIFY_FULL);
    try (var world = over.open(folder, port)) {
      try (var plain = world.network().connect(world.host(), port)) {
        assertThatThrownBy(plain::startTls)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "The `secureTransport` socket option must be set to 'starttls' for startTls to be"
                    + " used.");
      }
      assertThatThrownBy(() -> world.network().openChannel(world.host(), port, STARTTLS))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- helpers

  private static void closed(Socket socket) throws IOException {
    socket.close();
  }

  private static VpcChannel channel(PrivateWorld world, int port) throws Exception {
    return world.network().openChannel(world.host(), port, ON).get(30, TimeUnit.SECONDS);
  }

  /** Why neither a socket nor a channel is connected. */
  private static ErrorCode refusal(PrivateWorld world, int port) throws Exception {
    try (var channel = channel(world, port)) {
      throw new AssertionError("connected: " + channel);
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              VpcException.class,
              why -> assertThat(why.code()).isEqualTo(ErrorCode.TLS_CERTIFICATE_ERROR));
    }
    try (var socket = world.network().connect(world.host(), port, ON)) {
      throw new AssertionError("connected: " + socket);
    } catch (VpcException e) {
      return e.code();
    }
  }

  private static TlsSettings trusting(Mode mode) throws Exception {
    return new TlsSettings(mode, Optional.of(authority.getCertificatePEM()), Optional.empty());
  }

  private int secureServer(X509Bundle shown, boolean asksClient, Servers.Script script)
      throws Exception {
    var listener =
        (SSLServerSocket)
            context(shown)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    listener.setNeedClientAuth(asksClient);
    return servers.start(listener, script);
  }

  /** Agrees to TLS, speaks it, and gives back what comes. */
  private static void upgrade(Socket socket, String agreed) throws Exception {
    socket.getInputStream().readNBytes("STARTTLS\n".length());
    socket.getOutputStream().write(agreed.getBytes(UTF_8));
    var secured = (SSLSocket) context(server).getSocketFactory().createSocket(socket, null, true);
    Servers.echo(secured);
  }

  private static SSLContext context(X509Bundle shown) throws Exception {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(shown.toKeyStore(PASSWORD), PASSWORD);
    var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("ours", authority.getCertificate());
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
