package io.vpc4j;

import java.net.Socket;

/**
 * A {@code vpc_services} binding: the service's record decides host and port.
 *
 * <p>Of the URL only path, {@code Host} and SNI are used; its port is ignored and its scheme only
 * picks between the record's ports. That is the point of a service: code that is tricked into
 * another URL still reaches no other host.
 */
public interface VpcService extends Fetcher {

  /** The {@code service_id}. */
  String serviceId();

  /**
   * Opens a connection to the record's {@code tcp_port} and waits until it is accepted.
   *
   * @throws VpcException if there is no connection; {@link ErrorCode#HTTP_REQUEST_DENIED} if the
   *     service is not of type {@code tcp}
   */
  Socket connect(ConnectOptions options) throws VpcException;
}
