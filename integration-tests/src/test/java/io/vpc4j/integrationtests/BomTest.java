package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bom has no parent, so nothing but this test keeps it in step. */
class BomTest {

  private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(vpc4j-[^<]+)</artifactId>");
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
  private static final String BOM = Project.text(Project.ROOT.resolve("bom/pom.xml"));

  @Test
  void itsVersionIsThatOfTheProject() {
    assertThat(first(VERSION, BOM))
        .isEqualTo(first(VERSION, Project.text(Project.ROOT.resolve("pom.xml"))));
  }

  @Test
  void itListsWhatIsPublishedAndNothingElse() {
    var published =
        Project.published().stream()
            .map(folder -> Project.text(folder.resolve("pom.xml")))
            .map(pom -> pom.substring(pom.indexOf("</parent>")))
            .map(pom -> first(ARTIFACT, pom))
            .toList();

    assertThat(listed()).containsExactlyInAnyOrderElementsOf(published);
  }

  private static List<String> listed() {
    return ARTIFACT
        .matcher(BOM.substring(BOM.indexOf("<dependencyManagement>")))
        .results()
        .map(artifact -> artifact.group(1))
        .toList();
  }

  private static String first(Pattern pattern, String text) {
    return pattern.matcher(text).results().findFirst().orElseThrow().group(1);
  }
}
