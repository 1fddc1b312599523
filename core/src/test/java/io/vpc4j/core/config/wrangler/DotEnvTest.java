package io.vpc4j.core.config.wrangler;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DotEnvTest {

  @TempDir Path folder;

  @Test
  void assignmentsAreRead() {
    var text =
        """
        # comment
        CLOUDFLARE_ENV=staging # behind
        export A = 'single # \\n'
          B: colon
        C="two
        lines\\nthree"
        D=
        no assignment
        E=`a'b"c`
        F='unclosed
        bad key=1
        """;
    assertThat(DotEnv.parse(text))
        .containsExactly(
            Map.entry("CLOUDFLARE_ENV", "staging"),
            Map.entry("A", "single # \\n"),
            Map.entry("B", "colon"),
            Map.entry("C", "two\nlines\nthree"),
            Map.entry("D", ""),
            Map.entry("E", "a'b\"c"),
            Map.entry("F", "'unclosed"));
  }

  @Test
  void aLaterFileOverridesAnEarlierOneAndTheProcessAll() throws Exception {
    Files.writeString(folder.resolve(".env"), "A=1\nB=1\nC=1\nD=1\nP=1\n");
    Files.writeString(folder.resolve(".env.local"), "B=2\nC=2\nD=2\n");
    Files.writeString(folder.resolve(".env.s"), "C=3\nD=3\n");
    Files.writeString(folder.resolve(".env.s.local"), "D=4\n");
    assertThat(DotEnv.with(folder, Optional.of("s"), Map.of("P", "0")))
        .containsOnly(
            Map.entry("A", "1"),
            Map.entry("B", "2"),
            Map.entry("C", "3"),
            Map.entry("D", "4"),
            Map.entry("P", "0"));
    assertThat(DotEnv.with(folder, Optional.empty(), Map.of())).containsEntry("D", "2");
  }

  @Test
  void referencesAreFilledIn() throws Exception {
    Files.writeString(
        folder.resolve(".env"), "A=${P}-$B\nB=b\nC=${NONE:-other}\nD=\\$P\nE=$NONE.\n");
    assertThat(DotEnv.with(folder, Optional.empty(), Map.of("P", "p$1")))
        .containsEntry("A", "p$1-b")
        .containsEntry("C", "other")
        .containsEntry("D", "$P")
        .containsEntry("E", ".");
  }

  @Test
  void missingFilesFoldersAndOddNamesCountAsEmpty() throws Exception {
    Files.createDirectory(folder.resolve(".env"));
    Files.writeString(folder.resolve(".env.local"), "A=" + "x".repeat(DotEnv.MAX_OCTETS));
    assertThat(DotEnv.with(folder, Optional.of("a\u0000b"), Map.of("P", "1")))
        .containsOnly(Map.entry("P", "1"));
  }
}
