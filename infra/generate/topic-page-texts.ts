/** The parts of `docs/topics.md` that are the same for every topic. */
import { recordBytesMax } from '@millrace/kafka';

const lead = `Kafka is the interface: a system of yours subscribes to these topics, with its own consumer group, and needs no other permission of ours than
to read. For tools there is an AsyncAPI document of the same: [asyncapi.json](asyncapi.json). Until release 1.0 a decision in [adr](adr/README.md) may
still change what is said here.`;

const reading = `## How to read them

**Connect.** \`./millrace status\` prints the addresses of the local stack. Two small programs show all that it takes; each prints one JSON per record:

    KAFKA=127.0.0.1:18000 REGISTRY=http://127.0.0.1:18002/apis/ccompat/v7

    pip install -r examples/subscribers/python/requirements.txt
    python3 examples/subscribers/python/subscribe.py --brokers "$KAFKA" --registry "$REGISTRY" --topic telemetry.points.v1

    mvn -q -f examples/subscribers/java/pom.xml package
    java -jar examples/subscribers/java/target/subscribe.jar --brokers "$KAFKA" --registry "$REGISTRY" --topic telemetry.points.v1

They read all partitions and commit nothing. Yours should have a \`group.id\`, and commit an offset after it has stored what lies before it.
Records are compressed with zstd, which your client must know (Java does; Python needs the package \`zstandard\`). A record has at most
${recordBytesMax.toLocaleString('en')} bytes before compression.

**Values** are Avro behind five bytes: 0, then the id of the writer's schema, big endian, in the schema registry (its API is Confluent's; the
subject is \`<topic>-value\`). Decode with the writer's schema of that id, and let Avro resolve it to the version that you know. A null value
means that the key was deleted. Keys are plain UTF-8. JSON has no bytes and no times, so the examples here have fixed and bytes in hex and times in
ISO 8601; in Avro a time is a long, microseconds since 1970-01-01 UTC. Ids of 16 bytes are compared as bytes or in hex.

**Order.** The key decides the partition (murmur2, as in Java's client), and the number of partitions of a topic never changes: what has one key
comes in order. A repeat comes after what was written before it, so the order is that of first appearances. Between partitions there is no order;
events carry their own time.

**At least once.** Every record comes at least once. It comes again when your consumer starts again before it has committed, when a sender repeats a
message whose receipt it did not get, and when a service of ours dies between writing and committing. So make what you do with a record
harmless when it is done twice: write under the identity that stands with each topic under "repeats", or keep the identities of a day and drop what
is known.

**Transactions.** Some topics are written in Kafka transactions. A consumer with \`isolation.level=read_committed\` gets only what was committed; the
default of most clients also delivers records of aborted transactions, which never happened. Set it for all topics: it costs nothing where there are
none. Offsets then have gaps, because the ends of transactions take one.

**What may change.** A new version of a schema is compatible with every earlier one in both directions (FULL_TRANSITIVE): fields with a default may come
or go, nothing else. Your program goes on working, whichever version it was built with. What cannot be said so becomes a new topic, \`.v2\`, and both are
written for a time. Every version there was is in \`libs/contracts/history\`. The rows of a device may get new signals at any time.

**A record that you cannot use** is yours to put aside, in a topic of your own: never stop for it, and never write into ours. How we do it is below.`;

const deadLetters = `What a service of ours cannot process goes to \`<topic>.dlq\`, when trying again cannot help or has not helped for too long. A
subscriber need not read these topics; they answer why something did not arrive. The value of a letter is the bytes of the record that could not be
used; where one message of \`telemetry.raw.v1\` is at fault, a raw record with that message alone. A letter larger than 2 MB is cut.`;

const internal = `These are how our services talk to each other. They are no contract: they change without notice, compatible only for our own next version.

Who reads \`telemetry.raw.v1\` all the same has to know its fences. A record with a \`connectionId\`, an \`epoch\` and no \`messages\` says that the connection has a new owner from here on in this
partition. A later record of the same connection with a lower epoch was written by a former owner who had no right to it any more: leave it out, as the parser does, unless the subscription is shared
(\`shared\` in \`connection.claims.v1\`). Its messages had no receipt, and come again from the new owner. Before the fence every record counts. Records of gateways have no connection and are never stale.`;

export const introduction = { lead, reading, deadLetters, internal } as const;

export const deadLetterHeaders: readonly (readonly [string, string])[] = [
  ['`errors.code`', 'Why: a code of `libs/contracts/src/errors.ts`, such as `script_threw` or `unknown_device`.'],
  ['`errors.stage`', 'Service and step that gave up, such as `parser.script`.'],
  ['`errors.message`', 'One sentence for people; no payload in it.'],
  ['`errors.script`', 'Version of the script that the message met, such as `decode@2`; absent: none.'],
  ['`errors.topic`, `errors.partition`, `errors.offset`', 'Where the record was read.'],
  ['`errors.index`', 'Index of the message in its record; absent: the whole record.'],
  ['`errors.attempt`', 'How often it was tried.'],
  ['`errors.timestamp`', 'When it was given up, ISO 8601.'],
  ['`errors.valueBytes`', 'Present when the value was cut: how long it was.'],
];
