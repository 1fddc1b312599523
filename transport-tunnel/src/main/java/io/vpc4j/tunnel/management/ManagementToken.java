package io.vpc4j.tunnel.management;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/**
 * The token that a connector's own service wants: a JSON Web Token, RFC 7519, signed with ES256,
 * RFC 7518 3.4. [T] 7.8
 *
 * <p>A connector checks that it names a tunnel, an account and an actor, and nothing else: it
 * relies on the edge, which alone can ask. So the key is made for the occasion, and thrown away.
 */
final class ManagementToken {

  /** The actor: of its log streams a connector keeps one, and another actor's is turned away. */
  private static final String ACTOR = "vpc4j";

  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private ManagementToken() {}

  /**
   * A token for one tunnel.
   *
   * @param tunnelId in hex and dashes
   * @param accountTag in hex
   */
  static String of(String tunnelId, String accountTag) {
    var claims =
        "{\"tun\":{\"id\":\"%s\",\"account_tag\":\"%s\"},\"actor\":{\"id\":\"%s\",\"support\":false}}"
            .formatted(tunnelId, accountTag, ACTOR);
    var signed = part("{\"alg\":\"ES256\",\"typ\":\"JWT\"}") + "." + part(claims);
    try {
      return signed + "." + URL.encodeToString(signature(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java signs with P-256", e);
    }
  }

  private static String part(String json) {
    return URL.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] signature(String signed) throws GeneralSecurityException {
    var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signature.sign();
  }

  private static PrivateKey key() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair().getPrivate();
  }
}
