package io.vpc4j.core.spi;

/**
 * One way of carrying connections: a tunnel, a mesh, a simulation, or one of yours.
 *
 * <p><b>Discovery.</b> Found with {@link java.util.ServiceLoader}; declare it with {@code provides}
 * in the transport's {@code module-info}. Nothing in the engine names an implementation.
 *
 * <p><b>Selection.</b> For each hop every provider is asked {@link #carries}, and exactly one must
 * say yes. None, or two, is an error that names the candidates; class-path order settles nothing.
 *
 * <p><b>Threads.</b> {@code name} and {@code carries} may be called from any thread and must not
 * block. {@code open} is called at most once per {@link io.vpc4j.Vpc}, from the thread of the first
 * request that needs it, and must return promptly: what takes time goes on behind {@link
 * Transport#connect}.
 *
 * <p><b>Failure.</b> {@code open} either returns a transport or throws and leaves nothing behind:
 * no thread, no socket, no file.
 *
 * <p><b>Evolution.</b> New methods arrive with a default. A provider written against this version
 * keeps loading.
 */
public interface TransportProvider {

  /** A short stable name, such as {@code "mesh"}, used in directories, logs and metrics. */
  String name();

  /** Whether this provider carries {@code hop}. Pure: same hop, same answer. */
  boolean carries(NextHop hop);

  /**
   * Brings up the transport.
   *
   * @param context what the runtime lends. Valid until the transport is closed, and not after
   * @throws io.vpc4j.VpcException if it cannot work as the directory describes it
   */
  Transport open(TransportContext context) throws io.vpc4j.VpcException;
}
