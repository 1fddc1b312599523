package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.EntranceOptions;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kafka's producer, by a forward under the name that its broker gives of itself. No broker could be
 * had that is light: a scripted one says where it is and takes what is produced.
 */
@Timeout(120)
class KafkaTest {

  /** What the brokers call themselves; this machine's hosts file has it at {@link #HERE}. */
  private static final String ADVERTISED = "broker.internal";

  private static final String HERE = "127.0.0.2";
  private static final String TOPIC = "news";
  private static final Uuid TOPIC_ID = new Uuid(1, 2);

  @TempDir Path folder;
  private final Servers servers = new Servers();
  private final LinkedBlockingQueue<String> produced = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() throws IOException {
    servers.close();
  }

  @ParameterizedTest
  @EnumSource
  void aForwardBearsTheBrokersName(Over over) throws Exception {
    var port = servers.start(this::converse);
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var target = world.host() + ":" + port;
      var here = new InetSocketAddress(HERE, port); // the broker's port, whatever forward it is
      var forward = vpc.forward("NET", target, EntranceOptions.builder().listen(here).build());
      var config =
          Map.<String, Object>of(
              "bootstrap.servers", ADVERTISED + ":" + port, "enable.idempotence", false);
      var strings = new StringSerializer();
      try (var producer = new KafkaProducer<>(config, strings, strings)) {
        var sent = producer.send(new ProducerRecord<>(TOPIC, "it works")).get(30, TimeUnit.SECONDS);
        assertThat(sent.offset()).isEqualTo(42);
      }
      assertThat(produced.poll(30, TimeUnit.SECONDS)).isEqualTo("it works");
      assertThat(servers.accepted.get())
          .as("one to ask, and one to the leader under its own name")
          .isGreaterThanOrEqualTo(2);
      assertThat(forward.address()).isEqualTo(here);
    }
  }

  // ---- the broker

  private void converse(Socket socket) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    var out = new DataOutputStream(socket.getOutputStream());
    while (true) {
      var request = ByteBuffer.wrap(in.readNBytes(in.readInt()));
      var header = RequestHeader.parse(request);
      var answer = octets(header, answer(header, request, socket.getLocalPort()));
      out.writeInt(answer.remaining());
      out.write(answer.array(), answer.arrayOffset() + answer.position(), answer.remaining());
    }
  }

  /** The wire form of a response. */
  private static ByteBuffer octets(RequestHeader asked, ApiMessage body) {
    var header = asked.toResponseHeader();
    var cache = new ObjectSerializationCache();
    var size =
        header.data().size(cache, header.headerVersion()) + body.size(cache, asked.apiVersion());
    var out = new ByteBufferAccessor(ByteBuffer.allocate(size));
    header.data().write(out, cache, header.headerVersion());
    body.write(out, cache, asked.apiVersion());
    return out.buffer().flip();
  }

  private ApiMessage answer(RequestHeader header, ByteBuffer request, int port) throws IOException {
    return switch (header.apiKey()) {
      case API_VERSIONS -> versions();
      case METADATA -> metadata(port);
      case PRODUCE -> taken(new ProduceRequestData(accessor(request), header.apiVersion()));
      default -> throw new EOFException("not a part: " + header.apiKey());
    };
  }

  private static ByteBufferAccessor accessor(ByteBuffer octets) {
    return new ByteBufferAccessor(octets);
  }

  private static ApiVersionsResponseData versions() {
    var versions = new ApiVersionsResponseData();
    for (var key : new ApiKeys[] {ApiKeys.API_VERSIONS, ApiKeys.METADATA, ApiKeys.PRODUCE}) {
      versions
          .apiKeys()
          .add(
              new ApiVersionsResponseData.ApiVersion()
                  .setApiKey(key.id)
                  .setMinVersion(key.oldestVersion())
                  .setMaxVersion(key == ApiKeys.PRODUCE ? 9 : key.latestVersion()));
    }
    return versions;
  }

  private static MetadataResponseData metadata(int port) {
    var metadata = new MetadataResponseData().setClusterId("test").setControllerId(1);
    metadata
        .brokers()
        .add(
            new MetadataResponseData.MetadataResponseBroker()
                .setNodeId(1)
                .setHost(ADVERTISED)
                .setPort(port));
    var partition =
        new MetadataResponseData.MetadataResponsePartition()
            .setPartitionIndex(0)
            .setLeaderId(1)
            .setLeaderEpoch(1)
            .setReplicaNodes(List.of(1))
            .setIsrNodes(List.of(1));
    var topic =
        new MetadataResponseData.MetadataResponseTopic().setName(TOPIC).setTopicId(TOPIC_ID);
    topic.partitions().add(partition);
    metadata.topics().add(topic);
    return metadata;
  }

  private ProduceResponseData taken(ProduceRequestData request) {
    for (var topic : request.topicData()) {
      for (var partition : topic.partitionData()) {
        for (var each : ((MemoryRecords) partition.records()).records()) {
          produced.add(UTF_8.decode(each.value()).toString());
        }
      }
    }
    var response = new ProduceResponseData();
    var topic = new ProduceResponseData.TopicProduceResponse().setName(TOPIC);
    topic
        .partitionResponses()
        .add(new ProduceResponseData.PartitionProduceResponse().setIndex(0).setBaseOffset(42));
    response.responses().add(topic);
    return response;
  }
}
