"""Reads a published topic of Millrace and prints one JSON per record, decoded with the writer's schema from the registry.

    pip install -r requirements.txt
    python subscribe.py --brokers 127.0.0.1:18000 --registry http://127.0.0.1:18002/apis/ccompat/v7 \
        --topic telemetry.points.v1 --from-beginning --max 10
"""

import argparse
import io
import json
import struct
import urllib.request
from datetime import timezone

from fastavro import parse_schema, schemaless_reader
from kafka import KafkaConsumer


class Schemas:
    """Writers' schemas by id; each is fetched once."""

    def __init__(self, registry):
        self.registry = registry
        self.known = {}

    def of(self, schema_id):
        if schema_id not in self.known:
            with urllib.request.urlopen(f"{self.registry}/schemas/ids/{schema_id}", timeout=10) as answer:
                self.known[schema_id] = parse_schema(json.loads(json.load(answer)["schema"]))
        return self.known[schema_id]


def decode(value, schemas):
    """Five bytes of header (0, schema id big endian), then Avro. No value: the key was deleted."""
    if value is None:
        return None
    magic, schema_id = struct.unpack(">bI", value[:5])
    if magic != 0:
        raise ValueError("The record does not name a schema.")
    return schemaless_reader(io.BytesIO(value[5:]), schemas.of(schema_id))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--brokers", required=True)
    arguments.add_argument("--registry", required=True)
    arguments.add_argument("--topic", required=True)
    arguments.add_argument("--from-beginning", action="store_true")
    arguments.add_argument("--max", type=int, default=None)
    arguments.add_argument("--idle-ms", type=int, default=60_000, help="stop after this long without a record")
    given = arguments.parse_args()
    schemas = Schemas(given.registry)
    consumer = KafkaConsumer(
        given.topic,
        bootstrap_servers=given.brokers,
        auto_offset_reset="earliest" if given.from_beginning else "latest",
        enable_auto_commit=False,
        # Records of transactions that were aborted are not for us.
        isolation_level="read_committed",
        consumer_timeout_ms=given.idle_ms,
    )
    for count, record in enumerate(consumer, start=1):
        key = record.key.decode() if record.key else None
        print(json.dumps({"key": key, "value": decode(record.value, schemas)}, default=plain), flush=True)
        if given.max is not None and count >= given.max:
            break
    consumer.close()


def plain(value):
    """What Avro has and JSON has not, as text: times in ISO 8601 with microseconds, fixed and bytes in hex."""
    if isinstance(value, bytes):
        return value.hex()
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


if __name__ == "__main__":
    main()
