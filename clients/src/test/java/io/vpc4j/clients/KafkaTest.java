package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kafka's producer and a group's consumer with a real broker, by a forward under the name that the
 * broker gives of itself: neither could reach it by that name otherwise.
 */
@Timeout(120)
class KafkaTest {

  /** What the broker calls itself; this machine's hosts file has it at {@link #HERE}. */
  private static final String ADVERTISED = "broker.internal";

  private static final String HERE = "127.0.0.2";
  private static int port;
  private static LocalProgram broker;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    port = FreePort.next();
    broker = LocalServers.kafka(ADVERTISED, port, FreePort.next());
  }

  @AfterAll
  static void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aForwardBearsTheBrokersName(Over over) throws Exception {
    var topic = "news-" + over;
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var target = world.host() + ":" + port;
      var here = new InetSocketAddress(HERE, port); // the broker's port, whatever forward it is
      var forward = vpc.forward("NET", target, EntranceOptions.builder().listen(here).build());
      var config = Map.<String, Object>of("bootstrap.servers", ADVERTISED + ":" + port);
      var strings = new StringSerializer();
      try (var producer = new KafkaProducer<>(config, strings, strings)) {
        var sent = producer.send(new ProducerRecord<>(topic, "it works")).get(60, TimeUnit.SECONDS);
        assertThat(sent.offset()).isZero();
      }
      assertThat(firstOf(topic, config)).isEqualTo("it works");
      assertThat(forward.address()).isEqualTo(here);
    }
  }

  /** What a member of a new group reads first; its coordinator is asked for, and bears the name. */
  private static String firstOf(String topic, Map<String, Object> config) {
    var consuming = new HashMap<>(config);
    consuming.put("group.id", "readers of " + topic);
    consuming.put("auto.offset.reset", "earliest");
    var strings = new StringDeserializer();
    try (var consumer = new KafkaConsumer<>(consuming, strings, strings)) {
      consumer.subscribe(List.of(topic));
      var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (System.nanoTime() - endNs < 0) {
        for (var each : consumer.poll(Duration.ofSeconds(1))) {
          return each.value();
        }
      }
    }
    throw new AssertionError("nothing came within 60 s");
  }
}
