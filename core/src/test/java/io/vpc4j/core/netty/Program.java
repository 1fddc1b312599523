package io.vpc4j.core.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A program with one channel, the plain one or ours, and its plain peer: what it sees is noted. */
final class Program extends ChannelInboundHandlerAdapter implements Closeable {

  private static final long PATIENCE_S = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> events = new ArrayList<>(); // guarded by lock
  private long octets; // guarded by lock
  private int messages; // guarded by lock
  private final StringBuilder text = new StringBuilder(); // guarded by lock; the first 1,000 octets

  private final Bootstrap bootstrap;
  private SocketChannel channel;
  private Socket peer;

  Program(Bootstrap bootstrap) {
    this.bootstrap = bootstrap.handler(this);
  }

  /** Connects, and accepts at the other end. */
  Program connected(Peers peers) throws Exception {
    channel = (SocketChannel) done(bootstrap.connect(peers.address())).channel();
    return accepted(peers);
  }

  /** Accepts at the other end, once connected. */
  Program accepted(Peers peers) throws Exception {
    await("active");
    peer = peers.accept();
    return this;
  }

  /** Registers, without a connection. */
  Program registered() throws Exception {
    channel = (SocketChannel) done(bootstrap.register()).channel();
    return this;
  }

  SocketChannel channel() {
    return channel;
  }

  Socket peer() {
    return peer;
  }

  ChannelFuture write(String octetsOf) {
    return channel.writeAndFlush(Unpooled.copiedBuffer(octetsOf, UTF_8));
  }

  /** Waits for the end of it, well or ill. */
  static ChannelFuture done(ChannelFuture future) throws InterruptedException {
    assertThat(future.await(PATIENCE_S, TimeUnit.SECONDS)).as("in time").isTrue();
    return future;
  }

  /** {@code done}, or the class of what went wrong, once it is over. */
  static String outcome(ChannelFuture future) throws InterruptedException {
    var cause = done(future).cause();
    return cause == null ? "done" : name(cause);
  }

  /** As a program knows it: what it may say of the operating system's words for it is left out. */
  private static String name(Throwable cause) {
    return cause instanceof java.nio.channels.ClosedChannelException
        ? "ClosedChannelException"
        : cause instanceof IOException ? "IOException" : cause.getClass().getSimpleName();
  }

  // ---- what it hears

  void await(String event) throws InterruptedException {
    await(event, seen -> seen.events.contains(event));
  }

  void awaitText(String expected) throws InterruptedException {
    await(expected, seen -> seen.text.toString().equals(expected));
  }

  void awaitOctets(long count) throws InterruptedException {
    await(count + " octets", seen -> seen.octets >= count);
  }

  void awaitMessages(int count) throws InterruptedException {
    await(count + " messages", seen -> seen.messages >= count);
  }

  private void await(String what, Predicate<Program> condition) throws InterruptedException {
    lock.lock();
    try {
      var leftNs = TimeUnit.SECONDS.toNanos(PATIENCE_S);
      while (!condition.test(this)) {
        assertThat(leftNs).as("%s; seen: %s, %d octets", what, events, octets).isPositive();
        leftNs = changed.awaitNanos(leftNs);
      }
    } finally {
      lock.unlock();
    }
  }

  /** All events, in their order. */
  String events() {
    lock.lock();
    try {
      return events.toString();
    } finally {
      lock.unlock();
    }
  }

  long octets() {
    lock.lock();
    try {
      return octets;
    } finally {
      lock.unlock();
    }
  }

  int messages() {
    lock.lock();
    try {
      return messages;
    } finally {
      lock.unlock();
    }
  }

  private void note(String event) {
    lock.lock();
    try {
      events.add(event);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isSharable() {
    return false;
  }

  @Override
  public void channelRegistered(ChannelHandlerContext context) {
    note("registered");
  }

  @Override
  public void channelUnregistered(ChannelHandlerContext context) {
    note("unregistered");
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    note("active");
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    note("inactive");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var read = (ByteBuf) message;
    lock.lock();
    try {
      octets += read.readableBytes();
      messages++;
      if (text.length() < 1_000) {
        text.append(read.toString(UTF_8));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
      read.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    note(event.getClass().getSimpleName());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    note("writability");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    note("caught " + name(cause));
  }

  @Override
  public void close() throws IOException {
    if (peer != null) {
      peer.close();
    }
    Channel open = channel;
    if (open != null && !open.eventLoop().isTerminated()) {
      open.close().awaitUninterruptibly(PATIENCE_S, TimeUnit.SECONDS);
    }
  }
}
