package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WgQuickFileTest {

  private static final String KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  private static final String PUBLIC = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
  private static final String PSK = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=";

  private static final String WHOLE =
      """
      # made by hand
      [Interface]
      PrivateKey = %s
      Address = 10.192.122.1/24, fd00:1::1/64
      Address = 10.10.0.1
      ListenPort = 51820 # ours
      DNS = 10.0.0.53, corp.example
      MTU=1380
      PostUp = iptables -A FORWARD -i %%i -j ACCEPT; echo "a = b"
      Table = off

      [peer]
      publickey = %s
      PresharedKey = %s
      AllowedIPs = 10.192.122.3/32, 10.192.124.7/24
      AllowedIPs = fd00:2::/48
      Endpoint = [2001:db8::7]:51820
      PersistentKeepalive = 25
      Colour = green

      [Peer]
      PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=
      Endpoint = vpn.example.com:1
      PersistentKeepalive = off
      """
          .formatted(KEY, PUBLIC, PSK);

  @Test
  void everyKeyIsRead() throws WgQuickException {
    var file = WgQuickFile.read(WHOLE);

    var self = file.self();
    assertThat(Base64.getEncoder().encodeToString(self.privateKey().reveal())).isEqualTo(KEY);
    assertThat(self.addresses())
        .extracting(Object::toString)
        .containsExactly("10.192.122.1/24", "fd00:1::1/64", "10.10.0.1/32");
    assertThat(self.addresses().get(0).network()).isEqualTo(Cidr.require("10.192.122.0/24"));
    assertThat(self.listenPort()).hasValue(51_820);
    assertThat(self.dns()).containsExactly(IpAddress.require("10.0.0.53"));
    assertThat(self.searchDomains()).containsExactly("corp.example");
    assertThat(self.mtuOctets()).hasValue(1380);
    assertThat(self.others())
        .containsExactly(
            new WgQuickFile.Other("PostUp", "iptables -A FORWARD -i %i -j ACCEPT; echo \"a = b\""),
            new WgQuickFile.Other("Table", "off"));

    var peer = file.peers().get(0);
    assertThat(peer.publicKey()).isEqualTo(PUBLIC);
    assertThat(peer.presharedKey()).isPresent();
    assertThat(peer.allowedIps())
        .extracting(Object::toString)
        .containsExactly("10.192.122.3/32", "10.192.124.0/24", "fd00:2::/48");
    assertThat(peer.endpoint()).hasValue("[2001:db8::7]:51820");
    assertThat(peer.persistentKeepalive()).hasValue(Duration.ofSeconds(25));
    assertThat(peer.others()).containsExactly(new WgQuickFile.Other("Colour", "green"));
    assertThat(file.peers().get(1).persistentKeepalive()).isEmpty();
    assertThat(file.peers().get(1).allowedIps()).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAgainTheSame() throws WgQuickException {
    var file = WgQuickFile.read(WHOLE);

    assertThat(WgQuickFile.read(file.write())).isEqualTo(file);
    assertThat(file.toString()).doesNotContain(KEY).doesNotContain(PSK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PrivateKey = AAAA                     | line 2: PrivateKey has 3 octets, not 32
          PrivateKey = ***                      | line 2: PrivateKey is not base64
          ListenPort = 70000                    | line 2: ListenPort is a number from 0 to 65535, not 70000
          Address = 10.0.0.1/33                 | line 2: a prefix length is 0 to 32, not "33"
          Address = here                        | line 2: Address wants an address such as 10.0.0.1/24, not "here"
          MTU = 12                              | line 2: MTU is a number from 576 to 65535, not 12
          Nonsense                              | line 2: neither a section such as [Peer] nor key = value
          MTU =                                 | line 2: MTU has no value
          """)
  void aWrongValueIsNamedWithItsLine(String line, String problem) {
    assertThatThrownBy(() -> WgQuickFile.read("[Interface]\n" + line + "\n"))
        .isInstanceOfSatisfying(
            WgQuickException.class, e -> assertThat(e.problems()).contains(problem));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Endpoint = host",
        "Endpoint = host:0",
        "Endpoint = ::1:5",
        "Endpoint = [::1]",
        "Endpoint = :5",
        "AllowedIPs = 10.0.0.0/x",
        "AllowedIPs = ,",
        "PersistentKeepalive = 65536",
        "PublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "PublicKey = x",
        "[Other]"
      })
  void aWrongPeerIsRefused(String line) {
    var text = "[Interface]\nPrivateKey=" + KEY + "\n[Peer]\nPublicKey=" + PUBLIC + "\n" + line;

    assertThatThrownBy(() -> WgQuickFile.read(text))
        .isInstanceOf(WgQuickException.class)
        .hasMessageStartingWith("line 5: ");
  }

  @Test
  void allProblemsAreToldAtOnceAndInOrder() {
    assertThatThrownBy(
            () -> WgQuickFile.read("Key = 1\n[Peer]\nEndpoint = x\n[Interface]\nMTU = 1\n"))
        .isInstanceOfSatisfying(
            WgQuickException.class,
            e ->
                assertThat(e.problems())
                    .extracting(problem -> problem.substring(0, 6))
                    .containsExactly("line 1", "line 2", "line 3", "line 4", "line 5"));
    assertThatThrownBy(() -> WgQuickFile.read("")).hasMessageContaining("no [Interface]");
  }

  @Test
  void theSamePeerTwiceIsAMistake() {
    var peer = "[Peer]\nPublicKey = " + PUBLIC + "\n";

    assertThatThrownBy(
            () -> WgQuickFile.read("[Interface]\nPrivateKey = " + KEY + "\n" + peer + peer))
        .hasMessage("line 5: the same PublicKey as in the [Peer] on line 3");
  }

  /** Whatever is in the file, the answer is a value or problems with lines. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void spoiltFilesAreReadOrRefused(long seed) {
    var random = new Random(seed);
    for (var run = 0; run < 3_000; run++) {
      var text = new StringBuilder(WHOLE);
      for (var change = random.nextInt(6); change >= 0; change--) {
        var at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, (char) random.nextInt(0x180));
          default -> text.setCharAt(at, "[]=#,/: \n%".charAt(random.nextInt(10)));
        }
      }
      try {
        assertThat(WgQuickFile.read(text.toString()).peers()).hasSizeLessThan(4);
      } catch (WgQuickException e) {
        assertThat(e.problems())
            .as("seed %d, run %d", seed, run)
            .isNotEmpty()
            .allMatch(p -> p.startsWith("line "));
      }
    }
  }

  @Test
  void keysAreMadeAsWgMakesThem() {
    var key = MeshKeys.generatePrivateKey();

    assertThat(MeshKeys.publicKey(key + "\n")).hasSize(44);
    assertThat(MeshKeys.requirePublicKey(MeshKeys.publicKey(key)))
        .isEqualTo(MeshKeys.publicKey(key));
    assertThat(List.of(MeshKeys.generatePresharedKey(), key)).allMatch(text -> text.length() == 44);
    assertThat(MeshKeys.generatePrivateKey()).isNotEqualTo(key);
    assertThatThrownBy(() -> MeshKeys.publicKey("secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }
}
