package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A gRPC service, and what a client of it does. */
final class Greeter implements AutoCloseable {

  private static final MethodDescriptor<String, String> GREET =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Greeter/Greet")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private static final MethodDescriptor<String, String> COUNT =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("test.Greeter/Count")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final Server server;

  /** Starts it on a port of 127.0.0.1. */
  Greeter() throws IOException {
    this(builder -> {});
  }

  /** The same over TLS. */
  Greeter(X509Bundle certificate) throws IOException {
    this(
        builder ->
            builder.useTransportSecurity(
                stream(certificate.getCertificatePathPEM()),
                stream(certificate.getPrivateKeyPEM())));
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private Greeter(Consumer<NettyServerBuilder> settings) throws IOException {
    var service =
        ServerServiceDefinition.builder("test.Greeter")
            .addMethod(
                GREET,
                ServerCalls.asyncUnaryCall(
                    (name, answer) -> {
                      answer.onNext("hello " + name);
                      answer.onCompleted();
                    }))
            .addMethod(
                COUNT,
                ServerCalls.asyncServerStreamingCall(
                    (upTo, answer) -> {
                      for (var i = 0; i < Integer.parseInt(upTo); i++) {
                        answer.onNext("number " + i);
                      }
                      answer.onCompleted();
                    }))
            .build();
    var builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service);
    settings.accept(builder);
    server = builder.build().start();
  }

  int port() {
    return server.getPort();
  }

  /** Two calls, and one with 5,000 answers. */
  static void greetAndCount(ManagedChannel channel) {
    for (var name : new String[] {"you", "and you"}) {
      var answer = ClientCalls.blockingUnaryCall(channel, GREET, CallOptions.DEFAULT, name);
      assertThat(answer).isEqualTo("hello " + name);
    }
    var numbers =
        ClientCalls.blockingServerStreamingCall(channel, COUNT, CallOptions.DEFAULT, "5000");
    var count = 0;
    while (numbers.hasNext()) {
      assertThat(numbers.next()).isEqualTo("number " + count++);
    }
    assertThat(count).isEqualTo(5_000);
  }

  /** A call that finds nobody. */
  static void isUnavailable(ManagedChannel channel) {
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, GREET, CallOptions.DEFAULT, "x"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
