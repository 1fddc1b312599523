package io.vpc4j.mesh.node;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Names as the mesh knows them: {@code NAME.mesh} is answered by ourselves; everything else is
 * asked of the resolvers behind the hop, over the mesh, both families at once.
 */
public final class MeshNames {

  private static final String SUFFIX = ".mesh";

  /** How long one resolver may take before the next is asked too. */
  private static final int NEXT_RESOLVER_SECONDS = 4;

  private final Mesh mesh;
  private final SecureRandom random;

  /** Asks over {@code mesh}. */
  public MeshNames(Mesh mesh, SecureRandom random) {
    this.mesh = mesh;
    this.random = random;
  }

  /**
   * Resolves a name.
   *
   * @param name in lower case, without a final dot
   * @param nodeId behind whom the resolvers are, which says in which virtual network; empty, or one
   *     that does not announce their addresses, for whoever has them
   * @param resolvers in the order to be asked
   * @return IPv6 first, as RFC 8305 4 has it; fails with an {@link UnknownHostException} where the
   *     answer is no
   */
  public Future<List<IpAddress>> resolve(
      String name, String nodeId, List<InetSocketAddress> resolvers) {
    Promise<List<IpAddress>> promise = mesh.eventLoop().newPromise();
    if (name.endsWith(SUFFIX)) {
      mesh.addressesOf(name.substring(0, name.length() - SUFFIX.length()))
          .addListener(
              (Future<List<IpAddress>> known) -> {
                if (!known.isSuccess()) {
                  promise.tryFailure(known.cause());
                } else if (!known.getNow().isEmpty()) {
                  promise.trySuccess(known.getNow());
                } else {
                  promise.tryFailure(
                      new UnknownHostException("no node or device of the mesh is named " + name));
                }
              });
    } else if (resolvers.isEmpty()) {
      promise.tryFailure(
          new UnknownHostException(
              "no resolver is set for " + name + ": give its hostname route \"resolver_ips\""));
    } else {
      mesh.eventLoop().execute(() -> ask(new Question(name, nodeId), resolvers, 0, promise));
    }
    return promise;
  }

  private record Question(String name, String nodeId) {}

  private void ask(
      Question question,
      List<InetSocketAddress> resolvers,
      int index,
      Promise<List<IpAddress>> promise) {
    if (promise.isDone() || index == resolvers.size()) {
      return; // the caller's deadline ends it
    }
    var both =
        new BothFamilies(question, promise, () -> ask(question, resolvers, index + 1, promise));
    both.ask(resolvers.get(index));
    mesh.eventLoop().schedule(both::next, NEXT_RESOLVER_SECONDS, TimeUnit.SECONDS);
  }

  /** The two questions to one resolver. */
  private final class BothFamilies {
    private final Question question;
    private final Promise<List<IpAddress>> promise;
    private final Runnable nextResolver;
    private final List<IpAddress> v6 = new ArrayList<>();
    private final List<IpAddress> v4 = new ArrayList<>();
    private int left = 2;
    private boolean gone; // the next resolver is asked
    private Throwable failure;

    BothFamilies(Question question, Promise<List<IpAddress>> promise, Runnable nextResolver) {
      this.question = question;
      this.promise = promise;
      this.nextResolver = nextResolver;
      failure = new UnknownHostException(question.name() + " has no address");
    }

    void ask(InetSocketAddress resolver) {
      ask(resolver, DnsRecordType.AAAA, v6);
      ask(resolver, DnsRecordType.A, v4);
    }

    private void ask(InetSocketAddress resolver, DnsRecordType type, List<IpAddress> into) {
      Promise<List<IpAddress>> answer = mesh.eventLoop().newPromise();
      promise.addListener(done -> answer.cancel(false));
      answer.addListener(
          (Future<List<IpAddress>> done) -> {
            if (done.isSuccess()) {
              into.addAll(done.getNow());
            } else {
              failure = done.cause();
            }
            if (--left == 0) {
              both();
            }
          });
      var id = random.nextInt(1 << 16);
      new NameQuery(mesh, question.nodeId(), resolver, question.name(), type, id, answer).ask();
    }

    private void both() {
      v6.addAll(v4);
      if (!v6.isEmpty()) {
        promise.trySuccess(List.copyOf(v6));
      } else if (failure instanceof NameQuery.Refused || failure instanceof UnknownHostException) {
        var no = new UnknownHostException(question.name() + ": " + failure.getMessage());
        no.initCause(failure);
        promise.tryFailure(no);
      } else {
        next();
      }
    }

    void next() {
      if (!gone && !promise.isDone()) {
        gone = true;
        nextResolver.run();
      }
    }
  }
}
