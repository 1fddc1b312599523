package io.vpc4j;

import java.util.concurrent.CompletableFuture;

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
  VpcSocket connect(ConnectOptions options) throws VpcException;

  /**
   * As {@link #connect}, without waiting.
   *
   * <p>{@link ConnectOptions.SecureTransport#STARTTLS} is for sockets and refused here.
   *
   * @return completes once the far end has accepted, or fails with a {@link VpcException};
   *     cancelling it gives the connection up
   */
  CompletableFuture<VpcChannel> openChannel(ConnectOptions options);
}
