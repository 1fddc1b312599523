package io.vpc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTest {

  // ---- what is read, and how it is written

  @ParameterizedTest
  @CsvSource(
      delimiterString = "  ",
      value = {
        // nothing to normalise
        "http://10.0.1.50/data  http://10.0.1.50/data",
        "https://data.internal:8443/a/b?c=d&e  https://data.internal:8443/a/b?c=d&e",
        "http://a_b.internal/...  http://a_b.internal/...",
        "http://xn--bcher-kva.example/  http://xn--bcher-kva.example/",
        // scheme and slashes
        "HTTP://Example.COM  http://example.com/",
        "http:example.com/x  http://example.com/x",
        "http:\\\\example.com\\a\\b  http://example.com/a/b",
        "http:////example.com//x  http://example.com//x",
        "http://example.com?a/b  http://example.com/?a/b",
        "http://example.com#x  http://example.com/",
        // port
        "http://example.com:80/  http://example.com/",
        "https://example.com:0443/  https://example.com/",
        "http://example.com:/  http://example.com/",
        "http://example.com:00080/  http://example.com/",
        "http://example.com:0/  http://example.com:0/",
        "http://example.com:65535/  http://example.com:65535/",
        // user information
        "http://user:pass@example.com/  http://example.com/",
        "http://a@b@example.com/  http://example.com/",
        "http://:@example.com:81/  http://example.com:81/",
        // IPv4 in every form
        "http://0x7f.1/  http://127.0.0.1/",
        "http://0x7F000001/  http://127.0.0.1/",
        "http://2130706433/  http://127.0.0.1/",
        "http://017700000001/  http://127.0.0.1/",
        "http://192.168.257/  http://192.168.1.1/",
        "http://10.0.1.50./  http://10.0.1.50/",
        "http://0x/  http://0.0.0.0/",
        "http://%31%30.0.1.50/  http://10.0.1.50/",
        "http://1.2.3.a/  http://1.2.3.a/",
        "http://1.2.3.4.example/  http://1.2.3.4.example/",
        // IPv6
        "http://[::1]/  http://[::1]/",
        "http://[FD00:0:0:1::1]:8080/x  http://[fd00:0:0:1::1]:8080/x",
        "http://[0:0:0:0:0:0:0:0]/  http://[::]/",
        "http://[1:0:0:2:0:0:0:3]/  http://[1:0:0:2::3]/",
        "http://[1:0:2:3:4:5:6:7]/  http://[1:0:2:3:4:5:6:7]/",
        "http://[::ffff:10.0.1.50]/  http://[::ffff:a00:132]/",
        "http://[1::]/  http://[1::]/",
        "http://[1:2:3:4:5:6:7::]/  http://[1:2:3:4:5:6:7:0]/",
        // names
        "http://B%C3%BCcher.example/  http://xn--bcher-kva.example/",
        "http://b\u00fccher.example/  http://xn--bcher-kva.example/",
        "http://ex%41mple.com/  http://example.com/",
        "http://example.com./  http://example.com./",
        "http://\uff21\uff22\uff23.example/  http://abc.example/",
        "http://\uff10\uff38\uff17\uff26.1/  http://127.0.0.1/",
        // path
        "http://h/a/./b/../c  http://h/a/c",
        "http://h/a/%2E/b/%2e%2E/c/.%2e/d  http://h/a/d",
        "http://h/..  http://h/",
        "http://h/a/..  http://h/",
        "http://h/a/.  http://h/a/",
        "http://h/../../x  http://h/x",
        "http://h/a//../b  http://h/a/b",
        "http://h/%7Ex%zz%  http://h/%7Ex%zz%",
        "http://h/\u00e4`{}^\"<>|x  http://h/%C3%A4%60%7B%7D%5E%22%3C%3E|x",
        "http://h/?q='\"<>\u00e4|`{}  http://h/?q=%27%22%3C%3E%C3%A4|`{}",
        "http://h/?  http://h/?",
        "http://h?#  http://h/?",
        "http://h/\ud83d\ude00  http://h/%F0%9F%98%80"
      })
  void aUrlIsReadAsTheStandardReadsIt(String text, String expected) {
    var url = Url.parse(text);

    assertThat(url).hasToString(expected);
    assertThat(Url.parse(expected)).isEqualTo(url).hasSameHashCodeAs(url);
  }

  @Test
  void blanksAndControlsAreLeftOut() {
    assertThat(Url.parse(" \u0000http://ex\tample\n.com/a\r b \u001f"))
        .hasToString("http://example.com/a%20b");
    assertThat(Url.parse("http://h/\ud800x")).hasToString("http://h/%EF%BF%BDx");
    assertThat(Url.parse("http://h/\u007f\u0001x")).hasToString("http://h/%7F%01x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "//example.com",
        "/path",
        "example",
        "10.0.1.50",
        "http://",
        "http:///",
        "http://?x",
        "http://user@/",
        "http://:80/",
        "http://h:65536/",
        "http://h:8x/",
        "http://h:-1/",
        "http://a b/",
        "http://a%20b/",
        "http://a%00b/",
        "http://a^b/",
        "http://a|b/",
        "http://a<b/",
        "http://[::1",
        "http://[::1]x/",
        "http://::1/",
        "http://[]/",
        "http://[:1]/",
        "http://[1:2]/",
        "http://[1::2::3]/",
        "http://[1:2:3:4:5:6:7:8:9]/",
        "http://[12345::]/",
        "http://[::1.2.3]/",
        "http://[::1.2.3.256]/",
        "http://[::01.2.3.4]/",
        "http://[1:2:3:4:5:6:7:1.2.3.4]/",
        "http://[::g]/",
        "http://[fe80::1%25eth0]/",
        "http://[1:]/",
        "http://[::1:2:3:4:5:6:7:8]/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://1.2.3.256/",
        "http://09/",
        "http://4294967296/",
        "http://a.0x1g.1.08/",
        "http://1..2/",
        "http://%/",
        "http://%zz/",
        "http://\u00ad/",
        "http://h\ufffd%/"
      })
  void whatIsNoUrlIsRefused(String text) {
    assertThatThrownBy(() -> Url.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid URL: " + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://h/", "file:///etc/passwd", "data:,x", "ws://h/", "javascript:1", "x:"})
  void anotherSchemeCannotBeLoaded(String text) {
    assertThatThrownBy(() -> Url.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Fetch API cannot load: " + text);
  }

  @Test
  void whatIsTooLongIsRefusedAndNotRepeated() {
    var text = "http://h/" + "x".repeat(Url.MAX_CHARACTERS);

    assertThatThrownBy(() -> Url.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @Test
  void itsPartsAreThoseOfTheRequest() {
    var url = Url.parse("https://User@Data.Internal:8443/a?b#c");

    assertThat(url.scheme()).isEqualTo("https");
    assertThat(url.secure()).isTrue();
    assertThat(url.host()).isEqualTo("data.internal");
    assertThat(url.port()).isEqualTo(8443);
    assertThat(url.pathAndQuery()).isEqualTo("/a?b");
    assertThat(url.authority()).isEqualTo("data.internal:8443");
    assertThat(url.origin()).isEqualTo("https://data.internal:8443");
    assertThat(url.sameOrigin(Url.parse("https://data.internal:8443/"))).isTrue();
    assertThat(url.sameOrigin(Url.parse("https://data.internal/"))).isFalse();
    assertThat(url.sameOrigin(Url.parse("http://data.internal:8443/"))).isFalse();
    assertThat(url.sameOrigin(Url.parse("https://other.internal:8443/"))).isFalse();
  }

  // ---- references

  @ParameterizedTest
  @CsvSource(
      delimiterString = "  ",
      value = {
        "x  http://h:81/a/x",
        "./x  http://h:81/a/x",
        "../x  http://h:81/x",
        "../../../x  http://h:81/x",
        "/x  http://h:81/x",
        "\\x  http://h:81/x",
        "?y  http://h:81/a/b?y",
        "#z  http://h:81/a/b?q",
        "''  http://h:81/a/b?q",
        "//other/x  http://other/x",
        "\\\\other/x  http://other/x",
        "https://other  https://other/",
        "http:x  http://h:81/a/x",
        "http:/x  http://h:81/x",
        "http://x  http://x/",
        "https:x  https://x/",
        "x:80/y  refused",
        "a:b  refused",
        "//  refused",
        "./a:b  http://h:81/a/a:b",
        "x?y#z  http://h:81/a/x?y",
        ".  http://h:81/a/",
        "..  http://h:81/"
      })
  void aReferenceIsReadAgainstItsBase(String reference, String expected) {
    var base = Url.parse("http://h:81/a/b?q");

    if (expected.equals("refused")) {
      assertThatThrownBy(() -> base.resolve(reference))
          .isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(base.resolve(reference)).hasToString(expected);
    }
  }

  // ---- whatever comes

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverComesIsAUrlThatStaysTheSameOrIsRefused(long seed) {
    var random = new Random(seed);
    var alphabet = "ahtp:/\\?#@[].%20-:0123456789xXfF \u00e4\u00df\u3002\ud83d\ude00'\"<^|\t";
    var base = Url.parse("http://h:81/a/b?q");
    for (var i = 0; i < 4_000; i++) {
      var text = new StringBuilder(random.nextInt(3) == 0 ? "" : "http://");
      for (var length = random.nextInt(24); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      for (var absolute : new boolean[] {true, false}) {
        try {
          var url = absolute ? Url.parse(text.toString()) : base.resolve(text.toString());
          assertThat(Url.parse(url.toString())).as("seed %d: %s", seed, text).isEqualTo(url);
          assertThat(url.toString()).as("seed %d: %s", seed, text).matches("[!-~]+");
        } catch (IllegalArgumentException e) {
          assertThat(e.getMessage()).matches("(?s)(Invalid URL|Fetch API cannot load): .*");
        }
      }
    }
  }

  /** The quick way gives what the long way gives, for URLs that are plain and such that are not. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theQuickWayIsTheLongWay(long seed) {
    var random = new Random(seed);
    var alphabet = "ab01.-_:/?%2e'";
    for (var i = 0; i < 4_000; i++) {
      var text = new StringBuilder(random.nextBoolean() ? "http://" : "https://");
      for (var length = 1 + random.nextInt(16); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      var spelled = text.append('/').toString();
      assertThat(read(() -> Url.parse(spelled)))
          .as("seed %d: %s", seed, spelled)
          .isEqualTo(read(() -> new UrlParser(spelled, null).parse()));
    }
  }

  private static String read(java.util.function.Supplier<Url> parser) {
    try {
      var url = parser.get();
      return url + " " + url.host() + " " + url.port() + " " + url.pathAndQuery();
    } catch (IllegalArgumentException e) {
      return "refused";
    }
  }

  /** The slow twin of IPv6: the JDK's reader, and the rule of RFC 5952 said in another way. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anIpv6AddressIsTheOneThatTheJdkReads(long seed) throws UnknownHostException {
    var random = new Random(seed);
    for (var i = 0; i < 2_000; i++) {
      var octets = new byte[16];
      for (var j = 0; j < 16; j += 2) {
        if (random.nextBoolean()) {
          octets[j] = (byte) random.nextInt(3);
          octets[j + 1] = (byte) random.nextInt();
        }
      }
      octets[0] = 0x20; // not IPv4-mapped, which the JDK turns into IPv4
      var full = InetAddress.getByAddress(octets).getHostAddress();
      var host = Url.parse("http://[" + full + "]/").host();

      assertThat(InetAddress.getByName(host).getAddress())
          .as("seed %d: %s", seed, full)
          .isEqualTo(octets);
      assertThat(host).as("seed %d: %s", seed, full).isEqualTo("[" + compressed(full) + "]");
    }
  }

  private static String compressed(String full) {
    for (var zeros = 8; zeros >= 2; zeros--) {
      var run = "0" + ":0".repeat(zeros - 1);
      var at = (":" + full + ":").indexOf(":" + run + ":");
      if (at >= 0) {
        var before = at == 0 ? "" : full.substring(0, at - 1);
        var rest = at + run.length();
        return before + "::" + (rest >= full.length() ? "" : full.substring(rest + 1));
      }
    }
    return full;
  }
}
