package io.vpc4j.tunnel;

import io.vpc4j.core.net.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * What a connector shows to serve a tunnel, as the credentials file of {@code cloudflared} holds
 * it. Protocol page, section 2. Prints without the secret.
 *
 * @param accountTag the account, opaque
 * @param tunnelId which tunnel
 * @param tunnelSecret its secret; at least 32 octets where the edge is ours
 * @param endpoint a region of the hosted product, such as {@code fed}; empty for none
 */
public record TunnelCredentials(
    String accountTag, UUID tunnelId, Secret tunnelSecret, String endpoint) {

  private static final long MAX_FILE_OCTETS = 64 << 10;

  /** Without an endpoint. */
  public TunnelCredentials(String accountTag, UUID tunnelId, Secret tunnelSecret) {
    this(accountTag, tunnelId, tunnelSecret, "");
  }

  /**
   * Reads the JSON of a credentials file: {@code AccountTag}, {@code TunnelID}, {@code
   * TunnelSecret} and {@code Endpoint}, whose case does not matter; other names are passed over.
   *
   * @throws IllegalArgumentException if it is not; the message never holds the secret
   */
  public static TunnelCredentials parse(byte[] json) {
    return TunnelCredentialsJson.read(json, TunnelCredentialsJson.Names.FILE, null);
  }

  /** As {@link #parse(byte[])}, for a tunnel given otherwise: the JSON need not name it. */
  public static TunnelCredentials parse(byte[] json, UUID tunnelId) {
    return TunnelCredentialsJson.read(json, TunnelCredentialsJson.Names.FILE, tunnelId);
  }

  /**
   * Reads a credentials file.
   *
   * @throws IOException if it cannot be read, is larger than 64 KiB, or is none
   */
  public static TunnelCredentials read(Path file) throws IOException {
    return read(file, TunnelCredentials::parse);
  }

  /** As {@link #read(Path)}, for a tunnel given otherwise: the file need not name it. */
  public static TunnelCredentials read(Path file, UUID tunnelId) throws IOException {
    return read(file, json -> parse(json, tunnelId));
  }

  private static TunnelCredentials read(Path file, Function<byte[], TunnelCredentials> parser)
      throws IOException {
    if (Files.size(file) > MAX_FILE_OCTETS) {
      throw new IOException(file + " is too large for a credentials file");
    }
    var json = Files.readAllBytes(file);
    try {
      return parser.apply(json);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  /** The JSON of a credentials file, which holds the secret. */
  public Secret toJson() {
    var json = TunnelCredentialsJson.write(this, TunnelCredentialsJson.Names.FILE);
    var secret = Secret.of(json);
    Arrays.fill(json, (byte) 0);
    return secret;
  }

  /**
   * Writes a credentials file that only its owner may read. An older one is replaced in one step;
   * where the file system has no such rights, it is written with those of its folder.
   */
  public void write(Path file) throws IOException {
    var target = file.toAbsolutePath();
    var folder = target.getParent();
    if (folder == null) {
      throw new NoSuchFileException(file.toString());
    }
    var json = toJson().reveal();
    var draft = ownersOnly(folder);
    try {
      Files.write(draft, json, StandardOpenOption.TRUNCATE_EXISTING);
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Arrays.fill(json, (byte) 0);
      Files.deleteIfExists(draft);
    }
  }

  private static Path ownersOnly(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return Files.createTempFile(folder, ".tunnel", ".json");
    }
    return Files.createTempFile(
        folder,
        ".tunnel",
        ".json",
        PosixFilePermissions.asFileAttribute(
            Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
  }
}
