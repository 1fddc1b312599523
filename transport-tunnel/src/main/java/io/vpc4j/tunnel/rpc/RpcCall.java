package io.vpc4j.tunnel.rpc;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import io.vpc4j.tunnel.rpc.message.Outbound.Content;
import java.util.UUID;

/** A call with its parameters, made or received. [T] 5.4 */
public sealed interface RpcCall {

  /** Which method. */
  RpcMethod method();

  /** The parameters as they go on the wire. */
  Content params();

  /**
   * A connector wants to serve a tunnel. [T] 6.1; answered with {@link RpcReply.Registered} or
   * {@link RpcReply.RegistrationRefused}.
   *
   * @param auth what it shows
   * @param tunnelId which tunnel
   * @param connIndex 0 to 255: which of the connector's connections
   * @param options what it says of itself
   */
  record RegisterConnection(
      TunnelAuth auth, UUID tunnelId, int connIndex, ConnectionOptions options) implements RpcCall {

    /** Checks the index. */
    public RegisterConnection {
      if ((connIndex & ~0xff) != 0) {
        throw new IllegalArgumentException("connIndex must be 0 to 255, not " + connIndex);
      }
    }

    @Override
    public RpcMethod method() {
      return RpcMethod.REGISTER_CONNECTION;
    }

    static RegisterConnection read(StructReader in) throws Malformed {
      return new RegisterConnection(
          TunnelAuth.read(in.struct(0)),
          in.data(1).uuid("tunnelId"),
          in.u8(0),
          ConnectionOptions.read(in.struct(2)));
    }

    @Override
    public Content params() {
      return new Content(
          1,
          3,
          out -> {
            auth.write(out.struct(0, TunnelAuth.DATA_WORDS, TunnelAuth.POINTERS));
            out.data(1, Octets.of(tunnelId).toArray()).u8(0, connIndex);
            options.write(out.struct(2, ConnectionOptions.DATA_WORDS, ConnectionOptions.POINTERS));
          });
    }
  }

  /**
   * A connector takes its connection out of service. [T] 6.6; answered with {@link RpcReply.Done}.
   */
  record UnregisterConnection() implements RpcCall {
    @Override
    public RpcMethod method() {
      return RpcMethod.UNREGISTER_CONNECTION;
    }

    @Override
    public Content params() {
      return Content.EMPTY;
    }
  }

  /**
   * A connector tells what it was configured with. [T] 5.6; answered with {@link RpcReply.Done}.
   *
   * @param config JSON in UTF-8
   */
  record UpdateLocalConfiguration(Octets config) implements RpcCall {
    @Override
    public RpcMethod method() {
      return RpcMethod.UPDATE_LOCAL_CONFIGURATION;
    }

    static UpdateLocalConfiguration read(StructReader in) throws Malformed {
      return new UpdateLocalConfiguration(in.data(0));
    }

    @Override
    public Content params() {
      return new Content(0, 1, out -> out.data(0, config.toArray()));
    }
  }

  /**
   * The edge opens a UDP session of datagram v2. [T] 4.7; answered with {@link
   * RpcReply.UdpSessionRegistered}.
   *
   * @param sessionId chosen by the edge
   * @param address where to
   * @param port 0 to 65,535
   * @param closeAfterIdleNs when an idle session ends; 0 for the connector's 210 s
   * @param traceContext {@code trace:span:parent:flags} in hex, or empty
   */
  record RegisterUdpSession(
      UUID sessionId, IpAddress address, int port, long closeAfterIdleNs, String traceContext)
      implements RpcCall {

    /** Checks the port and the time. */
    public RegisterUdpSession {
      if ((port & ~0xffff) != 0 || closeAfterIdleNs < 0) {
        throw new IllegalArgumentException("port " + port + ", idle " + closeAfterIdleNs);
      }
    }

    @Override
    public RpcMethod method() {
      return RpcMethod.REGISTER_UDP_SESSION;
    }

    static RegisterUdpSession read(StructReader in) throws Malformed {
      var idleNs = in.i64(8);
      if (idleNs < 0) {
        throw new Malformed(Malformed.Reason.VALUE, "closeAfterIdleHint " + idleNs);
      }
      return new RegisterUdpSession(
          in.data(0).uuid("sessionId"), address(in.data(1)), in.u16(0), idleNs, in.text(2));
    }

    private static IpAddress address(Octets octets) throws Malformed {
      if (octets.length() != 4 && octets.length() != 16) {
        throw new Malformed(Malformed.Reason.VALUE, "an address of " + octets.length() + " octets");
      }
      return IpAddress.ofOctets(octets.toArray());
    }

    @Override
    public Content params() {
      return new Content(
          2,
          3,
          out ->
              out.data(0, Octets.of(sessionId).toArray())
                  .data(1, address.octets())
                  .u16(0, port)
                  .i64(8, closeAfterIdleNs)
                  .text(2, traceContext));
    }
  }

  /**
   * Either end closes a UDP session of datagram v2. [T] 4.7, 4.9; answered with {@link
   * RpcReply.Done}.
   *
   * @param sessionId which
   * @param message why, for people
   */
  record UnregisterUdpSession(UUID sessionId, String message) implements RpcCall {
    @Override
    public RpcMethod method() {
      return RpcMethod.UNREGISTER_UDP_SESSION;
    }

    static UnregisterUdpSession read(StructReader in) throws Malformed {
      return new UnregisterUdpSession(in.data(0).uuid("sessionId"), in.text(1));
    }

    @Override
    public Content params() {
      return new Content(0, 2, out -> out.data(0, Octets.of(sessionId).toArray()).text(1, message));
    }
  }

  /**
   * The edge pushes a configuration. [T] 4.8; answered with {@link RpcReply.ConfigurationUpdated}.
   *
   * @param version counted by the edge; one that is not newer is ignored by the connector
   * @param config JSON in UTF-8
   */
  record UpdateConfiguration(int version, Octets config) implements RpcCall {
    @Override
    public RpcMethod method() {
      return RpcMethod.UPDATE_CONFIGURATION;
    }

    static UpdateConfiguration read(StructReader in) throws Malformed {
      return new UpdateConfiguration(in.i32(0), in.data(0));
    }

    @Override
    public Content params() {
      return new Content(1, 1, out -> out.i32(0, version).data(0, config.toArray()));
    }
  }

  /**
   * Reads the parameters of a method.
   *
   * @throws Malformed if they are not
   */
  static RpcCall read(RpcMethod method, StructReader params) throws Malformed {
    return switch (method) {
      case REGISTER_CONNECTION -> RegisterConnection.read(params);
      case UNREGISTER_CONNECTION -> new UnregisterConnection();
      case UPDATE_LOCAL_CONFIGURATION -> UpdateLocalConfiguration.read(params);
      case REGISTER_UDP_SESSION -> RegisterUdpSession.read(params);
      case UNREGISTER_UDP_SESSION -> UnregisterUdpSession.read(params);
      case UPDATE_CONFIGURATION -> UpdateConfiguration.read(params);
    };
  }
}
