package io.vpc4j.tunnel.edge;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.RpcCall.RegisterConnection;
import java.util.Locale;
import java.util.Optional;

/**
 * Who may register: account, tunnel and secret against the directory. [T] 6.4
 *
 * <p>Pure. One answer for all that does not fit, and one comparison of secrets whatever is wrong,
 * so that an answer tells neither which tunnels there are nor what was nearly right. The answer has
 * the word that makes every release come again with a backoff, since what is missing in the
 * directory now may be there soon ([T] 6.5).
 */
final class Registrar {

  /** Compared with where there is no tunnel or no secret; never equal, its length is not theirs. */
  private static final Secret NOBODYS = Secret.of(new byte[32]);

  private Registrar() {}

  /** Empty if it may; else what it is told. */
  static Optional<ConnectionError> refusal(DirectorySnapshot directory, RegisterConnection call) {
    var tunnel = directory.tunnels().get(call.tunnelId().toString());
    var secret = tunnel == null ? Optional.<Secret>empty() : tunnel.tunnelSecret();
    var secretFits = secret.orElse(NOBODYS).equals(call.auth().tunnelSecret());
    var account = directory.edge().flatMap(edge -> edge.accountTag());
    var accountFits =
        account.isEmpty()
            || Secret.of(account.orElseThrow())
                .equals(Secret.of(call.auth().accountTag().toLowerCase(Locale.ROOT)));
    if (secret.isPresent() && secretFits && accountFits) { // all compared by now
      return Optional.empty();
    }
    return Optional.of(
        again(
            "no tunnel "
                + call.tunnelId()
                + " with this account and this secret; look at the edge's directory"));
  }

  /** An error after which every release comes again. */
  static ConnectionError again(String cause) {
    return new ConnectionError(
        ConnectionError.UNAUTHORIZED + ": " + cause, 0, ConnectionError.Retry.MAY_HELP);
  }
}
