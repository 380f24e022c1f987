package io.millrace.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;

/** The registry's wire format: five bytes of header (0, schema id big endian), then Avro. */
final class Decoder {
  private static final int HEADER_BYTES = 5;
  private static final Duration REQUEST_MAX = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final String registry;

  /** Writers' readers by schema id; each schema is fetched once. */
  private final Map<Integer, GenericDatumReader<Object>> readers = new HashMap<>();

  Decoder(String registry) {
    this.registry = registry;
  }

  /** No value: the key was deleted. */
  Object decode(byte[] value) throws IOException, InterruptedException {
    if (value == null) return null;
    ByteBuffer header = ByteBuffer.wrap(value);
    if (value.length < HEADER_BYTES || header.get() != 0) throw new IOException("The record does not name a schema.");
    GenericDatumReader<Object> reader = readerOf(header.getInt());
    Object decoded =
        reader.read(null, DecoderFactory.get().binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, null));
    return Plain.of(decoded, reader.getSchema());
  }

  private GenericDatumReader<Object> readerOf(int schemaId) throws IOException, InterruptedException {
    GenericDatumReader<Object> known = readers.get(schemaId);
    if (known != null) return known;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registry + "/schemas/ids/" + schemaId)).timeout(REQUEST_MAX).build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) throw new IOException("The registry has no schema " + schemaId + ".");
    Schema schema = new Schema.Parser().parse(json.readTree(answer.body()).get("schema").asText());
    GenericDatumReader<Object> reader = new GenericDatumReader<>(schema);
    readers.put(schemaId, reader);
    return reader;
  }
}
