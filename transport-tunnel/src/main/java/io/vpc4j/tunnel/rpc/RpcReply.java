package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import io.vpc4j.tunnel.rpc.message.Outbound.Content;

/** A call's results, sent or received. [T] 5.4 */
public sealed interface RpcReply {

  /** The results as they go on the wire. */
  Content results();

  /** Whether these are results of that method. */
  boolean answers(RpcMethod method);

  /** The connection is registered. [T] 6.3 */
  record Registered(ConnectionDetails details) implements RpcReply {
    @Override
    public Content results() {
      return new Content(
          0,
          1,
          out -> {
            var response = out.struct(0, 1, 1).u16(0, 1);
            details.write(
                response.struct(0, ConnectionDetails.DATA_WORDS, ConnectionDetails.POINTERS));
          });
    }

    @Override
    public boolean answers(RpcMethod method) {
      return method == RpcMethod.REGISTER_CONNECTION;
    }
  }

  /** The connection is not registered. [T] 6.5 */
  record RegistrationRefused(ConnectionError error) implements RpcReply {
    @Override
    public Content results() {
      return new Content(
          0,
          1,
          out -> {
            var response = out.struct(0, 1, 1).u16(0, 0);
            error.write(response.struct(0, ConnectionError.DATA_WORDS, ConnectionError.POINTERS));
          });
    }

    @Override
    public boolean answers(RpcMethod method) {
      return method == RpcMethod.REGISTER_CONNECTION;
    }
  }

  /** Done, and nothing to say. */
  record Done() implements RpcReply {
    @Override
    public Content results() {
      return Content.EMPTY;
    }

    @Override
    public boolean answers(RpcMethod method) {
      return switch (method) {
        case UNREGISTER_CONNECTION, UPDATE_LOCAL_CONFIGURATION, UNREGISTER_UDP_SESSION -> true;
        case REGISTER_CONNECTION, REGISTER_UDP_SESSION, UPDATE_CONFIGURATION -> false;
      };
    }
  }

  /**
   * A UDP session is there, or is not. [T] 4.7
   *
   * @param error empty if it is; else why not
   * @param spans the trace, OTLP protobuf; mostly none
   */
  record UdpSessionRegistered(String error, Octets spans) implements RpcReply {
    @Override
    public Content results() {
      return new Content(0, 1, this::write);
    }

    private void write(StructBuilder out) {
      out.struct(0, 0, 2).text(0, error).data(1, spans.toArray());
    }

    @Override
    public boolean answers(RpcMethod method) {
      return method == RpcMethod.REGISTER_UDP_SESSION;
    }
  }

  /**
   * A configuration was taken, or was not. [T] 4.8
   *
   * @param latestAppliedVersion the version in use now
   * @param error empty if it was, or was not newer; else why not
   */
  record ConfigurationUpdated(int latestAppliedVersion, String error) implements RpcReply {
    @Override
    public Content results() {
      return new Content(
          0, 1, out -> out.struct(0, 1, 1).i32(0, latestAppliedVersion).text(0, error));
    }

    @Override
    public boolean answers(RpcMethod method) {
      return method == RpcMethod.UPDATE_CONFIGURATION;
    }
  }

  /**
   * Reads the results of a method.
   *
   * @throws Malformed if they are not
   */
  static RpcReply read(RpcMethod method, StructReader results) throws Malformed {
    return switch (method) {
      case REGISTER_CONNECTION -> registration(results.struct(0));
      case UNREGISTER_CONNECTION, UPDATE_LOCAL_CONFIGURATION, UNREGISTER_UDP_SESSION -> new Done();
      case REGISTER_UDP_SESSION -> {
        var response = results.struct(0);
        yield new UdpSessionRegistered(response.text(0), response.data(1));
      }
      case UPDATE_CONFIGURATION -> {
        var response = results.struct(0);
        yield new ConfigurationUpdated(response.i32(0), response.text(0));
      }
    };
  }

  private static RpcReply registration(StructReader response) throws Malformed {
    var tag = response.u16(0);
    return switch (tag) {
      case 0 -> new RegistrationRefused(ConnectionError.read(response.struct(0)));
      case 1 -> new Registered(ConnectionDetails.read(response.struct(0)));
      default -> throw new Malformed(Malformed.Reason.TYPE, "a ConnectionResponse of kind " + tag);
    };
  }
}
