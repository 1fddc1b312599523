package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stdout that tells when something has been said. */
final class Listening extends OutputStream {
  private final StringBuilder said = new StringBuilder();
  private final String wanted;
  private final CountDownLatch heard = new CountDownLatch(1);

  Listening(String wanted) {
    this.wanted = wanted;
  }

  @Override
  public synchronized void write(int octet) {
    said.append((char) octet);
    if (said.indexOf(wanted) >= 0) {
      heard.countDown();
    }
  }

  /** Nothing more will come: a test that waits for it fails at once, and says why. */
  synchronized void ended(String err) {
    said.append(err);
    heard.countDown();
  }

  synchronized String said() {
    return said.toString();
  }

  void await() throws InterruptedException {
    assertThat(heard.await(30, TimeUnit.SECONDS)).as("%s in: %s", wanted, said()).isTrue();
    assertThat(said()).contains(wanted);
  }
}
