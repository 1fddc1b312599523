package io.vpc4j.tunnel.edge;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.tunnel.udp.UdpRefused;

/** Why there is no UDP session, in the words of the application. */
public final class UdpFailures {

  private UdpFailures() {}

  /**
   * As an application hears it.
   *
   * @param destination {@code host:port}
   */
  public static VpcException of(UdpRefused refused, String destination, String tunnelId) {
    var detail = refused.refusal().detail();
    return switch (refused.refusal().cause()) {
      case UNREACHABLE ->
          failure(
              ErrorCode.DESTINATION_UNAVAILABLE,
              "The connector has no way to send datagrams to " + destination + ": " + detail,
              refused);
      case TOO_MANY_FLOWS ->
          failure(
              ErrorCode.CONNECTION_LIMIT_REACHED,
              "The connector has as many flows as it may have; raise its max-active-flows",
              refused);
      case FAILED ->
          failure(
              ErrorCode.DESTINATION_UNAVAILABLE,
              "The connector opened no UDP session to " + destination + ": " + detail,
              refused);
      case TIMEOUT ->
          failure(
              ErrorCode.CONNECTION_TIMEOUT,
              "There was no UDP session to " + destination + " in time: " + detail,
              refused);
      case LIMIT ->
          failure(
              ErrorCode.CONNECTION_LIMIT_REACHED,
              "Tunnel " + tunnelId + " has as many UDP sessions as it may have: " + detail,
              refused);
      case CONNECTION_LOST ->
          failure(
              ErrorCode.CONNECTION_TERMINATED,
              "The connector was lost before it answered: " + detail,
              refused);
      case NO_DATAGRAMS ->
          failure(
              ErrorCode.DESTINATION_UNAVAILABLE,
              "Tunnel "
                  + tunnelId
                  + " has no connector that carries datagrams; they need QUIC, and HTTP/2 has none",
              refused);
    };
  }

  private static VpcException failure(ErrorCode code, String sentence, UdpRefused cause) {
    return new VpcException(code, Stage.CONNECT, sentence + ".", cause);
  }
}
