package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Drivers that make the factory from its name, whose servers cannot be had here: a scripted far end
 * says the first words of their protocols and hears the answer.
 */
@Timeout(120)
class NamedFactoryTest {

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @AfterEach
  void stop() throws IOException {
    servers.close();
    SharedVpc.forget();
    System.clearProperty(SharedVpc.BINDING);
  }

  @ParameterizedTest
  @EnumSource
  void mariaDb(Over over) throws Exception {
    var login = new CompletableFuture<String>();
    var port = servers.start(socket -> greetAsMariaDb(socket, login));
    try (var world = over.open(folder, port)) {
      SharedVpc.use(world.vpc());
      var url =
          "jdbc:mariadb://"
              + world.host()
              + ":"
              + port
              + "/app?user=somebody&socketFactory=io.vpc4j.clients.VpcSocketFactory";

      assertThatThrownBy(() -> DriverManager.getConnection(url).close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("not today");
      assertThat(login.get(30, TimeUnit.SECONDS)).contains("somebody");
    }
  }

  @ParameterizedTest
  @EnumSource
  void sqlServer(Over over) throws Exception {
    var first = new CompletableFuture<Integer>();
    var port =
        servers.start(
            socket -> {
              first.complete(socket.getInputStream().read());
              socket.getInputStream().readNBytes(7);
            });
    try (var world = over.open(folder, port)) {
      SharedVpc.use(world.vpc());
      var url =
          "jdbc:sqlserver://"
              + world.address() // the driver resolves a name before it asks for a socket
              + ":"
              + port
              + ";encrypt=false;loginTimeout=5;connectRetryCount=0;transparentNetworkIPResolution=false"
              + ";socketFactoryClass=io.vpc4j.clients.VpcSocketFactory"
              + ";socketFactoryConstructorArg=NET";

      assertThatThrownBy(() -> DriverManager.getConnection(url).close())
          .isInstanceOf(SQLException.class);
      assertThat(first.get(30, TimeUnit.SECONDS)).as("PRELOGIN, [MS-TDS] 2.2.6.5").isEqualTo(0x12);
    }
  }

  /** The protocol's greeting, the client's login, and a refusal. */
  private static void greetAsMariaDb(Socket socket, CompletableFuture<String> login)
      throws IOException {
    var greeting = new ByteArrayOutputStream();
    greeting.write(10);
    greeting.writeBytes("5.5.5-10.11.6-MariaDB\0".getBytes(ISO_8859_1));
    greeting.writeBytes(new byte[] {1, 0, 0, 0});
    greeting.writeBytes("12345678\0".getBytes(ISO_8859_1));
    greeting.writeBytes(new byte[] {(byte) 0xff, (byte) 0xf7, 45, 2, 0, (byte) 0xff, (byte) 0x81});
    greeting.write(21);
    greeting.writeBytes(new byte[10]);
    greeting.writeBytes("123456789012\0".getBytes(ISO_8859_1));
    greeting.writeBytes("mysql_native_password\0".getBytes(ISO_8859_1));
    socket.getOutputStream().write(packet(0, greeting.toByteArray()));
    login.complete(new String(payload(socket.getInputStream()), ISO_8859_1));
    var refusal = new ByteArrayOutputStream();
    refusal.writeBytes(new byte[] {(byte) 0xff, 0x15, 0x04});
    refusal.writeBytes("#28000not today".getBytes(UTF_8));
    socket.getOutputStream().write(packet(2, refusal.toByteArray()));
    socket.getInputStream().read();
  }

  private static byte[] packet(int number, byte[] payload) {
    return ByteBuffer.allocate(4 + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(payload.length | number << 24)
        .put(payload)
        .array();
  }

  private static byte[] payload(InputStream in) throws IOException {
    var head = ByteBuffer.wrap(in.readNBytes(4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return in.readNBytes(head & 0xffffff);
  }

  // ---- which binding

  @Test
  void theBindingIsTheOneNamedOrTheOnlyOneThereIs() throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = PrivateWorld.simulated(port)) {
      SharedVpc.use(world.vpc());
      assertThat(SharedVpc.binding("NET")).isSameAs(world.network());
      assertThat(SharedVpc.binding("")).isSameAs(world.network());
      System.setProperty(SharedVpc.BINDING, "NET");
      assertThat(SharedVpc.binding("")).isSameAs(world.network());
      System.setProperty(SharedVpc.BINDING, "OTHER");
      assertThatThrownBy(() -> SharedVpc.binding(""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("NET");
      assertThatThrownBy(() -> new VpcSocketFactory("NOPE").createSocket())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("There are: NET");
      try (var socket = new VpcSocketFactory("NET").createSocket(world.host(), port)) {
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
      }
    }
  }

  @Test
  void ofTwoBindingsOneMustBeNamed() throws Exception {
    Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [
          {"binding": "A", "tunnel_id": "550e8400-e29b-41d4-a716-446655440000"},
          {"binding": "B", "tunnel_id": "550e8400-e29b-41d4-a716-446655440001"}]}
        """);
    try (var vpc = io.vpc4j.Vpc.load(folder.resolve("wrangler.jsonc"))) {
      SharedVpc.use(vpc);
      assertThatThrownBy(() -> SharedVpc.binding(""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("A, B")
          .hasMessageContaining(SharedVpc.BINDING);
    }
  }

  @Test
  void aNameIsCarriedAndAnAddressIsOne() throws Exception {
    var named = FarEndNames.unresolved("db.internal");
    assertThat(new java.net.InetSocketAddress(named, 1).getHostString()).isEqualTo("db.internal");
    assertThat(FarEndNames.unresolved("10.0.1.50").getHostAddress()).isEqualTo("10.0.1.50");
    assertThat(FarEndNames.unresolved("fd00::1").getHostAddress()).isEqualTo("fd00:0:0:0:0:0:0:1");
    assertThatThrownBy(() -> FarEndNames.unresolved("1.2.3.4.5.6"))
        .isInstanceOf(java.net.UnknownHostException.class);
  }
}
