package io.millrace.examples;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/** What Avro has and JSON has not, as text: times in ISO 8601 with microseconds, fixed and bytes in hex. */
final class Plain {
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  static Object of(Object value, Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> ofRecord((GenericRecord) value);
      case ARRAY -> ((List<?>) value).stream().map(item -> of(item, schema.getElementType())).toList();
      case MAP -> ofMap((Map<?, ?>) value, schema.getValueType());
      case UNION -> of(value, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)));
      case FIXED -> HexFormat.of().formatHex(((GenericFixed) value).bytes());
      case BYTES -> HexFormat.of().formatHex(bytesOf((ByteBuffer) value));
      case STRING, ENUM -> value.toString();
      case LONG -> schema.getLogicalType() instanceof LogicalTypes.TimestampMicros ? timeOf((Long) value) : value;
      case INT, FLOAT, DOUBLE, BOOLEAN, NULL -> value;
    };
  }

  private static Map<String, Object> ofRecord(GenericRecord value) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (Schema.Field field : value.getSchema().getFields())
      fields.put(field.name(), of(value.get(field.pos()), field.schema()));
    return fields;
  }

  private static Map<String, Object> ofMap(Map<?, ?> value, Schema values) {
    Map<String, Object> entries = new LinkedHashMap<>();
    value.forEach((name, entry) -> entries.put(name.toString(), of(entry, values)));
    return entries;
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String timeOf(long micros) {
    return MICROS.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  private Plain() {}
}
