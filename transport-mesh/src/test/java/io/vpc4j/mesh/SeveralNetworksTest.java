package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.vpc4j.ErrorCode;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.core.config.directory.FileDirectory;
import io.vpc4j.core.config.directory.FileDirectory.Watching;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One process in two WireGuard networks that know nothing of each other, with the same addresses
 * and prefixes in both.
 */
@Timeout(60)
class SeveralNetworksTest {

  private static final String LAB = "0f21b5f0-8d4c-4a3e-9b65-0d6b6b0e7f11";
  private static final IpAddress OURS = IpAddress.require("10.7.0.5");
  private static final IpAddress THEIRS = IpAddress.require("10.7.0.1");
  private static final IpAddress BEHIND = IpAddress.require("10.1.0.9");
  private static final int PORT = 7;

  @TempDir private Path folder;
  private MeshNode office;
  private MeshNode lab;
  private FileDirectory directory;
  private Vpc vpc;

  @BeforeEach
  void begin() throws Exception {
    office = far(TestKey.of(1), TestKey.of(2), "office");
    lab = far(TestKey.of(3), TestKey.of(4), "lab");
  }

  /** A node that says who it is, at its own address and at one that it announces. */
  private static MeshNode far(TestKey ours, TestKey theirs, String name) throws Exception {
    var node =
        MeshNode.builder()
            .privateKey(theirs.secret())
            .address(THEIRS)
            .address(BEHIND)
            .peer(TestKey.node("near", ours, Optional.empty(), OURS))
            .start();
    node.listen(PORT, echoing(name)).sync();
    return node;
  }

  /** Gives its name in answer to every octet. */
  private static ChannelInitializer<Channel> echoing(String name) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext context, Object message) {
                    ((ByteBuf) message).release();
                    context.writeAndFlush(
                        Unpooled.copiedBuffer(name + "\n", StandardCharsets.US_ASCII));
                  }
                });
      }
    };
  }

  @AfterEach
  void end() {
    if (vpc != null) {
      vpc.close();
      directory.close();
    }
    office.close();
    lab.close();
  }

  private static String base64(TestKey key) {
    return Base64.getEncoder().encodeToString(key.secret().reveal());
  }

  private String own() {
    return "\"private_key\": \"%s\", \"listen_port\": 0, \"addresses\": [\"%s\"], "
        .formatted(base64(TestKey.of(1)), OURS);
  }

  private String labs(String more) {
    return """
        {"name": "lab", "private_key": "%s", "addresses": ["%s"],
         "virtual_network_id": "%s"%s}"""
        .formatted(base64(TestKey.of(3)), OURS, LAB, more);
  }

  private static String node(String name, MeshNode node, TestKey key, String more) {
    return """
        {"node_id": "%1$s", "name": "%1$s", "addresses": ["%2$s"], "routes": ["10.1.0.0/16"],
         "public_key": "%3$s", "endpoint": "127.0.0.1:%4$d"%5$s}"""
        .formatted(name, THEIRS, key.publicKey(), node.listenPort(), more);
  }

  private String officeNode() {
    return node("office", office, TestKey.of(2), "");
  }

  private String labNode() {
    return node("lab", lab, TestKey.of(4), ", \"network\": \"lab\"");
  }

  private Path write(String mesh) throws IOException {
    return Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {"virtual_networks": [{"virtual_network_id": "%1$s", "name": "lab"}],
         "bindings": {"LAB": {"virtual_network_id": "%1$s"}},
         "mesh": {%2$s}}
        """
            .formatted(LAB, mesh));
  }

  private void open(String mesh) throws Exception {
    directory =
        FileDirectory.open(
            write(mesh), FileDirectory.Options.defaults().withWatching(Watching.OFF));
    var target = new NetworkTarget.Network("cf1:network");
    vpc =
        VpcRuntime.open(
            RuntimePlan.of(
                List.of(
                    new BindingSpec.Network("OFFICE", target, false),
                    new BindingSpec.Network("LAB", target, false)),
                directory),
            List.of(new MeshTransportProvider()));
  }

  private void reload(String mesh) throws IOException {
    write(mesh);
    assertThat(directory.reload()).as("%s", directory.problems()).isTrue();
  }

  private String both() {
    return own()
        + "\"networks\": ["
        + labs("")
        + "], \"nodes\": ["
        + officeNode()
        + ", "
        + labNode()
        + "]";
  }

  private String ask(String binding, String host) throws IOException {
    try (var socket = vpc.network(binding).connect(host, PORT)) {
      return ask(socket);
    }
  }

  private static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write('?');
    var said = new StringBuilder();
    for (var octet = socket.getInputStream().read();
        octet != '\n';
        octet = socket.getInputStream().read()) {
      assertThat(octet).as("the end after %s", said).isNotEqualTo(-1);
      said.append((char) octet);
    }
    return said.toString();
  }

  @Test
  void theVirtualNetworkSaysWhichOfTwoThatOverlap() throws Exception {
    open(both());

    assertThat(ask("OFFICE", THEIRS.toString())).isEqualTo("office");
    assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab");
    assertThat(ask("OFFICE", BEHIND.toString())).isEqualTo("office");
    assertThat(ask("LAB", BEHIND.toString())).isEqualTo("lab");
    assertThat(ask("OFFICE", "lab.mesh")).as("names are the mesh's").isEqualTo("lab");
    assertThat(ask("LAB", "office.mesh")).isEqualTo("office");
  }

  @Test
  void aNetworkWithoutAKeyInTheDirectorysOwnIsEnough() throws Exception {
    open("\"networks\": [" + labs("") + "], \"nodes\": [" + labNode() + ", " + officeNode() + "]");

    assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab");
    assertThatThrownBy(() -> ask("OFFICE", THEIRS.toString()))
        .isInstanceOfSatisfying(
            VpcException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE))
        .hasMessageContaining("\"mesh\" has no \"private_key\"");
  }

  @Test
  void bindingsListenInTheNetworkOfTheirVirtualNetwork() throws Exception {
    open(both());
    try (var inOffice = vpc.network("OFFICE").listen(80);
        var inLab = vpc.network("LAB").listen(80)) {
      assertThatThrownBy(() -> vpc.network("LAB").listen(80))
          .hasMessageContaining("Port 80 of our addresses in network lab is taken");
      assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab"); // it knows where we are
      lab.connect(OURS, 80, echoing("hello"));
      try (var accepted = inLab.accept()) {
        assertThat(ask(accepted)).isEqualTo("hello");
      }
      assertThat(inOffice.getInetAddress()).isEqualTo(inLab.getInetAddress());
    }
  }

  /** As a socket does that is bound to no interface in particular. */
  @Test
  void aListenerHearsEveryNetworkOfItsVirtualNetworkThatIsThereNow() throws Exception {
    var ours = IpAddress.require("10.8.0.5");
    var theirs = IpAddress.require("10.8.0.1");
    try (var depot =
        MeshNode.builder()
            .privateKey(TestKey.of(6).secret())
            .address(theirs)
            .peer(TestKey.node("near", TestKey.of(5), Optional.empty(), ours))
            .start()) {
      depot.listen(PORT, echoing("depot")).sync();
      var depots =
          """
          {"name": "depot", "private_key": "%s", "addresses": ["%s"]}"""
              .formatted(base64(TestKey.of(5)), ours);
      var depotNode =
          node("depot", depot, TestKey.of(6), ", \"network\": \"depot\"")
              .replace(THEIRS.toString(), theirs.toString())
              .replace("\"routes\": [\"10.1.0.0/16\"],", "");
      var without = both();
      var with =
          without
              .replace("\"networks\": [", "\"networks\": [" + depots + ", ")
              .replace("\"nodes\": [", "\"nodes\": [" + depotNode + ", ");
      open(with);
      ask("OFFICE", THEIRS.toString()); // they know where we are
      ask("OFFICE", theirs.toString());
      try (var listening = vpc.network("OFFICE").listen(0)) {
        var port = listening.getLocalPort();
        assertThatThrownBy(() -> vpc.network("OFFICE").listen(port))
            .hasMessageContaining("Port " + port + " of our mesh addresses is taken");
        accepts(listening, office, OURS);
        accepts(listening, depot, ours);

        reload(without);
        accepts(listening, office, OURS);
        ask("LAB", THEIRS.toString());
        assertThatThrownBy(() -> lab.connect(OURS, port, echoing("hello")).sync())
            .as("another virtual network")
            .isInstanceOf(ConnectException.class);

        reload(with);
        assertThat(ask("OFFICE", theirs.toString())).as("joined again").isEqualTo("depot");
        accepts(listening, depot, ours);
      }
      try (var again = vpc.network("OFFICE").listen(81)) {
        accepts(again, depot, ours);
      }
    }
  }

  private static void accepts(ServerSocket listening, MeshNode caller, IpAddress at)
      throws Exception {
    caller.connect(at, listening.getLocalPort(), echoing("hello"));
    try (var accepted = listening.accept()) {
      assertThat(accepted.getLocalAddress()).isEqualTo(at.toInetAddress());
      assertThat(ask(accepted)).isEqualTo("hello");
    }
  }

  @Test
  void aPortOfSeveralNetworksIsHadOnceAndIsFreeAgainOnceClosed() throws Exception {
    var own = own().replace(base64(TestKey.of(1)), base64(TestKey.of(5)));
    open(
        own.replace(OURS.toString(), "10.8.0.5")
            + "\"networks\": ["
            + labs("").replace(LAB, "default")
            + "], \"nodes\": ["
            + labNode()
            + "]");
    try (var taken = vpc.network("OFFICE").listen(80)) {
      assertThat(taken.getInetAddress().getHostAddress()).isEqualTo("10.8.0.5");
      assertThatThrownBy(() -> vpc.network("OFFICE").listen(80))
          .isInstanceOfSatisfying(
              VpcException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_ERROR))
          .hasMessageContaining("Port 80 of our mesh addresses is taken");
    }
    vpc.network("OFFICE").listen(80).close();
  }

  @Test
  void networksComeAndGoAndDisturbNobody() throws Exception {
    var port = ", \"listen_port\": " + FreePort.next();
    open(own() + "\"nodes\": [" + officeNode() + "]");
    try (var open = vpc.network("OFFICE").connect(THEIRS.toString(), PORT)) {
      assertThat(ask(open)).isEqualTo("office");
      for (var round = 0; round < 2; round++) {
        reload(
            own()
                + "\"networks\": ["
                + labs(port)
                + "], \"nodes\": ["
                + officeNode()
                + ", "
                + labNode()
                + "]");
        assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab");
        reload(
            own()
                + "\"networks\": ["
                + labs(port + ", \"mtu\": 1380")
                + "], \"nodes\": ["
                + officeNode()
                + ", "
                + labNode()
                + "]");
        assertThat(ask("LAB", THEIRS.toString())).as("joined anew").isEqualTo("lab");
        reload(own() + "\"nodes\": [" + officeNode() + "]");
        assertThat(ask("LAB", THEIRS.toString())).as("known everywhere").isEqualTo("office");
        assertThat(ask(open)).as("the connection of before").isEqualTo("office");
      }
    }
  }

  /** What does not need another node leaves connections alone. */
  @Test
  void aHubIsAsTheDirectoryHasItNowAndNoConnectionEndsForIt() throws Exception {
    var second = TestKey.of(5);
    var other = IpAddress.require("10.7.0.2");
    try (var lab2 =
        MeshNode.builder()
            .privateKey(second.secret())
            .address(other)
            .peer(TestKey.node("near", TestKey.of(3), Optional.empty(), OURS, THEIRS))
            .start()) {
      lab.peers(List.of(TestKey.node("near", TestKey.of(3), Optional.empty(), OURS, other)));
      var lab2Node =
          node("lab2", lab2, second, ", \"network\": \"lab\"")
              .replace(THEIRS.toString(), other.toString())
              .replace("\"routes\": [\"10.1.0.0/16\"],", "");
      open(withHub("", lab2Node));
      try (var open = vpc.network("LAB").connect(THEIRS.toString(), PORT)) {
        assertThat(ask(open)).isEqualTo("lab");
        assertThatThrownBy(() -> ping(other)).hasCauseInstanceOf(PingRefusedException.class);

        reload(withHub(", \"hub\": true", lab2Node));
        assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab");
        assertThat(ping(other)).isPositive();

        reload(withHub(", \"hub\": {\"rules\": [{\"deny\": \"10.7.0.2\"}]}", lab2Node));
        assertThat(ask("LAB", THEIRS.toString())).isEqualTo("lab");
        assertThatThrownBy(() -> ping(other)).hasCauseInstanceOf(PingRefusedException.class);
        assertThat(ask(open)).isEqualTo("lab");
      }
    }
  }

  private String withHub(String hub, String more) {
    return own()
        + "\"networks\": ["
        + labs(hub)
        + "], \"nodes\": ["
        + officeNode()
        + ", "
        + labNode()
        + ", "
        + more
        + "]";
  }

  private Duration ping(IpAddress to) throws Exception {
    return lab.ping(to, Duration.ofSeconds(30)).get();
  }

  @Test
  void aNetworkThatCannotBeJoinedLeavesTheOthersAlone() throws Exception {
    var nowhere = ", \"pcap\": \"no/such/folder/x.pcap\"";
    open(
        own()
            + "\"networks\": ["
            + labs(nowhere)
            + "], \"nodes\": ["
            + officeNode()
            + ", "
            + labNode()
            + "]");

    assertThat(ask("OFFICE", THEIRS.toString())).isEqualTo("office");
    assertThatThrownBy(() -> ask("LAB", THEIRS.toString()))
        .isInstanceOfSatisfying(
            VpcException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE))
        .hasMessageContaining("Network lab of the mesh cannot start: ")
        .hasMessageContaining("no/such/folder/x.pcap");
  }
}
