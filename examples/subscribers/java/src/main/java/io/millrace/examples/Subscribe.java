package io.millrace.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads a published topic of Millrace and prints one JSON per record, decoded with the writer's schema from the registry.
 *
 * <pre>
 * mvn package
 * java -jar target/subscribe.jar --brokers 127.0.0.1:18000 --registry http://127.0.0.1:18002/apis/ccompat/v7 \
 *     --topic telemetry.points.v1 --from-beginning --max 10
 * </pre>
 */
public final class Subscribe {
  private static final Duration POLL_MAX = Duration.ofMillis(500);

  public static void main(String[] texts) throws Exception {
    Arguments given = Arguments.of(texts);
    Decoder decoder = new Decoder(given.registry());
    ObjectMapper json = new ObjectMapper();
    // Records of transactions that were aborted are not for us.
    Map<String, Object> settings = Map.of(
        "bootstrap.servers", given.brokers(),
        "isolation.level", "read_committed",
        "enable.auto.commit", false);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      // A service of yours would subscribe() with a group.id instead, and commit what it has stored.
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(given.topic()).forEach(one -> partitions.add(new TopicPartition(one.topic(), one.partition())));
      consumer.assign(partitions);
      if (given.fromBeginning()) consumer.seekToBeginning(partitions);
      else consumer.seekToEnd(partitions);
      long count = 0;
      long lastNanos = System.nanoTime();
      while (System.nanoTime() - lastNanos < given.idle().toNanos()) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL_MAX);
        if (!records.isEmpty()) lastNanos = System.nanoTime();
        for (ConsumerRecord<String, byte[]> record : records) {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("key", record.key());
          line.put("value", decoder.decode(record.value()));
          System.out.println(json.writeValueAsString(line));
          count += 1;
          if (count == given.max()) return;
        }
      }
    }
  }

  private Subscribe() {}
}
