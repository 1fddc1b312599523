package io.vpc4j.tunnel;

import io.vpc4j.core.net.Secret;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The one JSON object, under two sets of names: the short ones of a token, the long ones of a
 * credentials file. Names match without regard to case, as Go's decoder does; where one comes twice
 * the last counts.
 */
final class TunnelCredentialsJson {

  /** What the members are called. Protocol page, section 2. */
  enum Names {
    TOKEN("a", "t", "s", "e"),
    FILE("AccountTag", "TunnelID", "TunnelSecret", "Endpoint");

    private final String accountTag;
    private final String tunnelId;
    private final String tunnelSecret;
    private final String endpoint;

    Names(String accountTag, String tunnelId, String tunnelSecret, String endpoint) {
      this.accountTag = accountTag;
      this.tunnelId = tunnelId;
      this.tunnelSecret = tunnelSecret;
      this.endpoint = endpoint;
    }

    private String what() {
      return this == TOKEN ? "a tunnel token" : "tunnel credentials";
    }
  }

  private static final JsonFactory JSON = new JsonFactory();

  private final Names names;
  private String accountTag = "";
  private String tunnelId = "";
  private String tunnelSecret = "";
  private String endpoint = "";

  private TunnelCredentialsJson(Names names) {
    this.names = names;
  }

  /**
   * Reads; the tunnel given, if there is one, stands for the one in the JSON, or for none there.
   */
  static TunnelCredentials read(byte[] json, Names names, @Nullable UUID given) {
    var members = new TunnelCredentialsJson(names);
    try (var in = JSON.createParser(ObjectReadContext.empty(), json)) {
      members.readObject(in);
    } catch (JacksonException e) {
      throw members.refusal("cannot be read as JSON"); // the cause may hold a part of the secret
    }
    return members.checked(given);
  }

  private void readObject(JsonParser in) {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw refusal("must be a JSON object");
    }
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = in.currentName();
      if (in.nextToken() == JsonToken.VALUE_STRING) {
        take(name, in.getString());
      } else if (in.currentToken() != JsonToken.VALUE_NULL && isOurs(name)) { // null: as if absent
        throw refusal("must hold texts");
      } else {
        in.skipChildren();
      }
    }
    if (in.nextToken() != null) {
      throw refusal("must be one JSON object");
    }
  }

  private boolean isOurs(String name) {
    return name.equalsIgnoreCase(names.accountTag)
        || name.equalsIgnoreCase(names.tunnelId)
        || name.equalsIgnoreCase(names.tunnelSecret)
        || name.equalsIgnoreCase(names.endpoint);
  }

  private void take(String name, String value) {
    if (name.equalsIgnoreCase(names.accountTag)) {
      accountTag = value;
    } else if (name.equalsIgnoreCase(names.tunnelId)) {
      tunnelId = value;
    } else if (name.equalsIgnoreCase(names.tunnelSecret)) {
      tunnelSecret = value;
    } else if (name.equalsIgnoreCase(names.endpoint)) {
      endpoint = value;
    }
  }

  private TunnelCredentials checked(@Nullable UUID given) {
    if (accountTag.isEmpty()) {
      throw refusal("must have " + names.accountTag);
    }
    if (tunnelSecret.isEmpty()) {
      throw refusal("must have " + names.tunnelSecret);
    }
    var octets = StrictBase64.decode(tunnelSecret, "the secret of " + names.what());
    var secret = Secret.of(octets);
    Arrays.fill(octets, (byte) 0);
    return new TunnelCredentials(accountTag, given != null ? given : uuid(), secret, endpoint);
  }

  private UUID uuid() {
    // The JDK's reader takes short groups too.
    if (tunnelId.length() == 36) {
      try {
        return UUID.fromString(tunnelId);
      } catch (IllegalArgumentException e) {
        throw refusal("must have a UUID in " + names.tunnelId);
      }
    }
    throw refusal("must have a UUID in " + names.tunnelId);
  }

  private IllegalArgumentException refusal(String why) {
    return new IllegalArgumentException(names.what() + " " + why);
  }

  /** Members in the order of the reference implementation; an empty endpoint is left out. */
  static byte[] write(TunnelCredentials credentials, Names names) {
    var secret = credentials.tunnelSecret().reveal();
    var octets = new ByteArrayOutputStream();
    try (var out = JSON.createGenerator(ObjectWriteContext.empty(), octets)) {
      out.writeStartObject();
      out.writeStringProperty(names.accountTag, credentials.accountTag());
      out.writeStringProperty(names.tunnelSecret, Base64.getEncoder().encodeToString(secret));
      out.writeStringProperty(names.tunnelId, credentials.tunnelId().toString());
      if (!credentials.endpoint().isEmpty()) {
        out.writeStringProperty(names.endpoint, credentials.endpoint());
      }
      out.writeEndObject();
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
    return octets.toByteArray();
  }
}
