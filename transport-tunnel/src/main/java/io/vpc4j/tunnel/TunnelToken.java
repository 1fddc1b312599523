package io.vpc4j.tunnel;

import io.vpc4j.core.net.Secret;
import java.util.Base64;
import java.util.UUID;

/**
 * The one string that a connector needs to serve a tunnel: what {@code cloudflared tunnel run
 * --token} takes. Protocol page, section 2.
 *
 * <p>Standard base64, padded, of a JSON object with the keys {@code a}, {@code t}, {@code s} and,
 * where there is one, {@code e}; the secret in it is base64 once more. Prints without the secret.
 *
 * @param credentials what it holds
 */
public record TunnelToken(TunnelCredentials credentials) {

  /** Longer than any token of ours or of the hosted product, whose secrets have 32 octets. */
  private static final int MAX_CHARACTERS = 16 << 10;

  /**
   * Reads a token. The text is taken as it is: white space around it, another alphabet and missing
   * padding are refused, as {@code cloudflared} refuses them.
   *
   * @throws IllegalArgumentException if it is none; the message never holds any of it
   */
  public static TunnelToken parse(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException("a tunnel token of more than 16,384 characters");
    }
    return new TunnelToken(
        TunnelCredentialsJson.read(
            StrictBase64.decode(text, "a tunnel token"), TunnelCredentialsJson.Names.TOKEN, null));
  }

  /** The token of a tunnel. */
  public static TunnelToken of(String accountTag, UUID tunnelId, Secret tunnelSecret) {
    return new TunnelToken(new TunnelCredentials(accountTag, tunnelId, tunnelSecret));
  }

  /** The token's text, which holds the secret. */
  public Secret reveal() {
    var json = TunnelCredentialsJson.write(credentials, TunnelCredentialsJson.Names.TOKEN);
    return Secret.of(Base64.getEncoder().encode(json));
  }
}
