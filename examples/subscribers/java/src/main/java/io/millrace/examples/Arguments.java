package io.millrace.examples;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What was given on the command line. {@code max} of 0: no limit. {@code idle}: stop after this long without a record. */
record Arguments(String brokers, String registry, String topic, boolean fromBeginning, long max, Duration idle) {
  private static final String USAGE =
      "Usage: --brokers HOST:PORT --registry URL --topic NAME [--from-beginning] [--max N] [--idle-ms N]";

  static Arguments of(String[] texts) {
    Map<String, String> given = new HashMap<>();
    for (int index = 0; index < texts.length; index += 1) {
      boolean isFlag = texts[index].equals("--from-beginning");
      if (!isFlag && index + 1 == texts.length) throw new IllegalArgumentException(USAGE);
      given.put(texts[index], isFlag ? "" : texts[++index]);
    }
    for (String name : new String[] {"--brokers", "--registry", "--topic"})
      if (!given.containsKey(name)) throw new IllegalArgumentException(USAGE);
    return new Arguments(
        given.get("--brokers"),
        given.get("--registry"),
        given.get("--topic"),
        given.containsKey("--from-beginning"),
        Long.parseLong(given.getOrDefault("--max", "0")),
        Duration.ofMillis(Long.parseLong(given.getOrDefault("--idle-ms", "60000"))));
  }
}
