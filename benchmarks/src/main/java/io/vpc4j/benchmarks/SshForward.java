package io.vpc4j.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.util.net.SshdSocketAddress;

/**
 * Forwarding by SSH in Java, beside which {@code benchmarks/entrance} measures: a client of Apache
 * MINA SSHD with a local and a dynamic (SOCKS) forward, as {@code ssh -L -D} has them.
 *
 * <p>Runs until it is ended.
 */
public final class SshForward {

  private static final String HERE = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private SshForward() {}

  /**
   * Connects and listens. All ports are of 127.0.0.1.
   *
   * @param arguments the user, the file of his key, the server's port, the port to listen on for
   *     the target, the target's port, the port to listen on for SOCKS
   */
  public static void main(String[] arguments) throws Exception {
    var client = SshClient.setUpDefaultClient();
    // The server is a process of the same script, on loopback.
    client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
    client.setKeyIdentityProvider(new FileKeyPairProvider(Path.of(arguments[1])));
    client.start();
    var session =
        client
            .connect(arguments[0], HERE, Integer.parseInt(arguments[2]))
            .verify(PATIENCE)
            .getSession();
    session.auth().verify(PATIENCE);
    session.startLocalPortForwarding(address(arguments[3]), address(arguments[4]));
    session.startDynamicPortForwarding(address(arguments[5]));
    Thread.currentThread().join();
  }

  private static SshdSocketAddress address(String port) {
    return new SshdSocketAddress(HERE, Integer.parseInt(port));
  }
}
