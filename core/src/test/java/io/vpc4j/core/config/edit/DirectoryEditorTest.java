package io.vpc4j.core.config.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.ConfigurationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryEditorTest {

  private static final String ID = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
  private static final String OTHER = "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01";

  @TempDir private Path folder;

  // ---- JSONC

  @Test
  void anElementIsLaidOutAsItsNeighboursAre() throws Exception {
    var file =
        write(
            "directory.jsonc",
            """
            // Ours.
            {
              "tunnels": [
                { "tunnel_id": "%s", "name": "office" } // the old one
                // { "tunnel_id": "gone" }
              ],
              "routes": [{ "network": "10.0.0.0/8", "tunnel_id": "%s" }],
            }
            """
                .formatted(ID, ID));

    var editor = DirectoryEditor.open(file);
    editor.append("tunnels", Fields.of().text("tunnel_id", OTHER).text("name", "home"));
    editor.append("routes", Fields.of().text("network", "fd00::/8").text("tunnel_id", OTHER));
    assertThat(editor.write()).isEmpty();

    assertThat(file)
        .hasContent(
            """
            // Ours.
            {
              "tunnels": [
                { "tunnel_id": "%s", "name": "office" }, // the old one
                { "tunnel_id": "%s", "name": "home" }
                // { "tunnel_id": "gone" }
              ],
              "routes": [{ "network": "10.0.0.0/8", "tunnel_id": "%s" }, { "network": "fd00::/8", "tunnel_id": "%s" }],
            }
            """
                .formatted(ID, OTHER, ID, OTHER));
  }

  @Test
  void whatIsRemovedTakesItsCommaAndItsLinesAlong() throws Exception {
    var file =
        write(
            "directory.jsonc",
            """
            {
            \t"tunnels": [
            \t\t// the office
            \t\t{
            \t\t\t"tunnel_id": "%s",
            \t\t\t"name": "office"
            \t\t},
            \t\t{
            \t\t\t"tunnel_id": "%s",
            \t\t\t"name": "home" /* within */
            \t\t} // goes with it
            \t]
            }
            """
                .formatted(ID, OTHER));

    var editor = DirectoryEditor.open(file);
    assertThat(editor.removeIf("tunnels", isTunnel(OTHER))).isEqualTo(1);
    editor.append("tunnels", Fields.of().text("tunnel_id", OTHER).text("name", "again"));
    editor.write();

    assertThat(file)
        .hasContent(
            """
            {
            \t"tunnels": [
            \t\t// the office
            \t\t{
            \t\t\t"tunnel_id": "%s",
            \t\t\t"name": "office"
            \t\t},
            \t\t{
            \t\t\t"tunnel_id": "%s",
            \t\t\t"name": "again"
            \t\t}
            \t]
            }
            """
                .formatted(ID, OTHER));
  }

  @Test
  void aByteOrderMarkAndCrLfStay() throws Exception {
    var file = write("directory.jsonc", "\uFEFF{\r\n    \"mesh\": {}\r\n}\r\n");

    var editor = DirectoryEditor.open(file);
    editor.set("mesh.private_key", "env:KEY");
    editor.set("mesh.listen_port", 7);
    editor.set("mesh.private_key", "env:OTHER");
    editor.write();

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            \uFEFF{
                "mesh": {
                    "private_key": "env:OTHER",
                    "listen_port": 7
                }
            }
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void aFileThatIsNotThereIsMade() throws Exception {
    var file = folder.resolve("directory.jsonc");

    var editor = DirectoryEditor.open(file);
    assertThat(editor.isNew()).isTrue();
    editor.append("tunnels", Fields.of().text("tunnel_id", ID).text("name", "office"));
    editor.set("edge", Fields.of().objects("listeners", List.of(Fields.of().number("port", 7844))));
    editor.append(
        "mesh.nodes",
        Fields.of().text("node_id", "a").text("name", "a").texts("routes", List.of("10.0.0.0/8")));
    editor.write();

    assertThat(file)
        .hasContent(
            """
            {
              "tunnels": [
                { "tunnel_id": "%s", "name": "office" }
              ],
              "edge": {
                "listeners": [
                  { "port": 7844 }
                ]
              },
              "mesh": {
                "nodes": [
                  { "node_id": "a", "name": "a", "routes": ["10.0.0.0/8"] }
                ]
              }
            }
            """
                .formatted(ID));
    assertThat(DirectoryEditor.open(file).snapshot().nodes()).containsOnlyKeys("a");
  }

  // ---- TOML

  @Test
  void tomlHasABlockForEachElement() throws Exception {
    var file =
        write(
            "directory.toml",
            """
            # Ours.
            [[tunnels]]
            tunnel_id = "%s"
            name = "office" # the old one
            # tunnel_secret = "env:LATER"

            # Who goes where.
            [[routes]]
            network = "10.0.0.0/8"
            tunnel_id = "%s"
            """
                .formatted(ID, ID));

    var editor = DirectoryEditor.open(file);
    editor.append("tunnels", Fields.of().text("tunnel_id", OTHER).text("name", "home"));
    editor.removeIf("routes", element -> true);
    editor.append("mesh.nodes", Fields.of().text("node_id", "a").text("name", "a"));
    editor.set("mesh.private_key", "file:key");
    editor.set("edge", Fields.of().text("state_folder", "s"));
    editor.write();

    assertThat(file)
        .hasContent(
            """
            # Ours.
            [[tunnels]]
            tunnel_id = "%s"
            name = "office" # the old one
            # tunnel_secret = "env:LATER"

            [[tunnels]]
            tunnel_id = "%s"
            name = "home"

            # Who goes where.

            [[mesh.nodes]]
            node_id = "a"
            name = "a"

            [mesh]
            private_key = "file:key"

            [edge]
            state_folder = "s"
            """
                .formatted(ID, OTHER));
  }

  @Test
  void tomlsOtherWaysOfSayingItAreKept() throws Exception {
    var file =
        write(
            "directory.toml",
            """
            tunnels = [{tunnel_id = "%s", name = "office"}] # short
            mesh.listen_port = 1
            edge = { state_folder = "s" }
            """
                .formatted(ID));

    var editor = DirectoryEditor.open(file);
    editor.append("tunnels", Fields.of().text("tunnel_id", OTHER).text("name", "home"));
    editor.set("mesh.private_key", "env:KEY");
    editor.set("edge.account_tag", "0123456789abcdef0123456789abcdef");
    editor.append("routes", Fields.of().text("network", "fd00::/8").text("tunnel_id", ID));
    editor.write();

    assertThat(file)
        .hasContent(
            """
            tunnels = [{tunnel_id = "%s", name = "office"}, { tunnel_id = "%s", name = "home" }] # short
            mesh.listen_port = 1
            mesh.private_key = "env:KEY"
            edge = { state_folder = "s", account_tag = "0123456789abcdef0123456789abcdef" }

            [[routes]]
            network = "fd00::/8"
            tunnel_id = "%s"
            """
                .formatted(ID, OTHER, ID));
  }

  @Test
  void anElementTakesItsTablesAlongWhereverTheyStand() throws Exception {
    var file =
        write(
            "directory.toml",
            """
            [[services]]
            service_id = "%s"
            name = "a"
            type = "tcp"
            tcp_port = 1
            [edge]
            [services.host]
            ipv4 = "10.0.0.1"
            network = { via = "acme:1" }
            """
                .formatted(ID));

    var editor = DirectoryEditor.open(file);
    assertThat(editor.removeIf("services", element -> true)).isEqualTo(1);
    editor.write();

    assertThat(file).hasContent("[edge]\n");
  }

  // ---- what is refused

  @Test
  void aFileWithAnErrorMustBeMendedFirst() throws Exception {
    var file = write("directory.jsonc", "{\"tunnels\": [{}]}");

    assertThatThrownBy(() -> DirectoryEditor.open(file))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.problems()).hasSize(2));
  }

  @Test
  void anEditThatBreaksARuleIsNotWritten() throws Exception {
    var before = "{\"tunnels\": [{\"tunnel_id\": \"" + ID + "\", \"name\": \"a\"}]}";
    var file = write("directory.jsonc", before);
    var editor = DirectoryEditor.open(file);
    editor.append("routes", Fields.of().text("network", "10.0.0.1/8").text("tunnel_id", ID));

    assertThatThrownBy(editor::write).hasMessageContaining("host bits");

    assertThat(file).hasContent(before);
    assertOnly(file);
  }

  @Test
  void aFileThatSomebodyElseChangedIsLeftAlone() throws Exception {
    var file = write("directory.jsonc", "{}");
    var editor = DirectoryEditor.open(file);
    editor.set("mesh.listen_port", 1);
    Files.writeString(file, "{ }");

    assertThatThrownBy(editor::write).hasMessageContaining("somebody else");
    assertThat(file).hasContent("{ }");

    var absent = DirectoryEditor.open(folder.resolve("new.toml"));
    absent.set("mesh.listen_port", 1);
    Files.writeString(absent.file(), "");
    assertThatThrownBy(absent::write).hasMessageContaining("somebody else");
    assertThat(absent.file()).isEmptyFile();
  }

  @Test
  void twoEditorsAtOnceAreOneTooMany() throws Exception {
    var file = write("directory.jsonc", "{}");
    var editor = DirectoryEditor.open(file);
    editor.set("mesh.listen_port", 1);
    var lock = Files.createFile(folder.resolve(".directory.jsonc.vpc4j-edit"));

    assertThatThrownBy(editor::write)
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("if none runs, remove this one");

    assertThat(file).hasContent("{}");
    assertThat(lock).exists();
  }

  @Test
  void somethingElseInAListsPlaceIsSaidWithItsPosition() throws Exception {
    var json = DirectoryEditor.open(write("a.jsonc", "{\n  \"limits\": {\"max_waiters\": 1}\n}"));
    assertThatThrownBy(() -> json.append("limits.max_waiters", Fields.of()))
        .hasMessageContaining("a.jsonc:2:29: error: \"limits.max_waiters\" must be an array");
    assertThatThrownBy(() -> json.append("limits.max_waiters.more", Fields.of()))
        .hasMessageContaining("a.jsonc:2:29: error: \"limits.max_waiters\" must be an object");

    var toml = DirectoryEditor.open(write("a.toml", "[limits]\nmax_waiters = 1\n[edge]\n"));
    assertThatThrownBy(() -> toml.append("limits.max_waiters", Fields.of()))
        .hasMessageContaining("a.toml:2:15: error: \"limits.max_waiters\" must be an array");
    assertThatThrownBy(() -> toml.append("limits.max_waiters.more", Fields.of()))
        .hasMessageContaining("\"limits.max_waiters\" must be a table");
    assertThatThrownBy(() -> toml.set("edge", "text")).hasMessageContaining("is a table");
    assertThatThrownBy(() -> toml.append("edge", Fields.of())).hasMessageContaining("a.toml:");
  }

  // ---- the file

  @Test
  void rightsStayAndALinkIsFollowed() throws Exception {
    var real = write("real.jsonc", "{}");
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
    var link = Files.createSymbolicLink(folder.resolve("directory.jsonc"), real.getFileName());

    var editor = DirectoryEditor.open(link);
    editor.set("mesh.listen_port", 1);
    editor.write();

    assertThat(link).isSymbolicLink();
    assertThat(real).content().contains("listen_port");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
        .isEqualTo("rw-r-----");

    var nowhere = Files.createSymbolicLink(folder.resolve("x.jsonc"), Path.of("missing"));
    assertThatThrownBy(() -> DirectoryEditor.open(nowhere)).isInstanceOf(IOException.class);
  }

  @Test
  void nothingChangedIsNothingWritten() throws Exception {
    var file = write("directory.jsonc", "{}");
    var before = Files.readAttributes(file, "unix:ino");

    DirectoryEditor.open(file).write();

    assertThat(Files.readAttributes(file, "unix:ino")).isEqualTo(before);
  }

  @Test
  void secretsThatAreNotHereAreNoHindrance() throws Exception {
    var file =
        write(
            "directory.jsonc",
            "{\"tunnels\": [{\"tunnel_id\": \""
                + ID
                + "\", \"name\": \"a\", \"tunnel_secret\": \"env:NO_SUCH_VARIABLE\"}],"
                + " \"mesh\": {\"private_key\": \"file:no-such-file\"}}");

    var editor = DirectoryEditor.open(file);

    assertThat(editor.snapshot().tunnels()).containsOnlyKeys(ID);
    assertThat(editor.text("mesh.private_key")).hasValue("file:no-such-file");
    assertThat(editor.has("mesh.listen_port")).isFalse();
    assertThat(editor.elements("tunnels")).singleElement().matches(isTunnel(ID));
  }

  @Test
  void aSecretsFileIsItsOwnersAloneAndNeverOverwritten() throws Exception {
    var file = folder.resolve("made").resolve("secret");

    OwnerOnly.create(file, "s".getBytes(StandardCharsets.UTF_8));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThatThrownBy(() -> OwnerOnly.create(file, new byte[0])).isInstanceOf(IOException.class);
    assertThat(file).hasContent("s");
  }

  // ----

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private void assertOnly(Path file) throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static java.util.function.Predicate<Element> isTunnel(String id) {
    return element -> element.text("tunnel_id").filter(id::equals).isPresent();
  }
}
