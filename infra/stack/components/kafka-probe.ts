/**
 * Asks a Kafka broker whether consumer groups work, which is later than that it answers: the first question makes it
 * create the topic of the groups' offsets, and until that is loaded clients get "coordinator is loading".
 *
 *     request  => length:int32 apiKey:int16 apiVersion:int16 correlationId:int32 clientId:string body
 *     FindCoordinator v0 (10): group:string                 => correlationId:int32 error:int16 …
 *     DescribeGroups v0 (15):  [group:string]               => correlationId:int32 count:int32 error:int16 …
 *     Metadata v0 (3):         [topic:string]               => correlationId:int32 brokers:[…]
 */
import { exchange } from './tcp-exchange.ts';

const group = 'millrace.readiness';

export async function kafkaServesGroups(port: number, signal: AbortSignal): Promise<boolean> {
  const requests = [
    request(3, Buffer.from([0, 0, 0, 0])),
    request(10, text(group)),
    request(15, Buffer.concat([Buffer.from([0, 0, 0, 1]), text(group)])),
  ];
  const [metadata, coordinator, description] = await exchange(port, requests, signal);
  const brokers = metadata!.readInt32BE(8);
  return brokers > 0 && coordinator!.readInt16BE(8) === 0 && description!.readInt16BE(12) === 0;
}

function request(apiKey: number, body: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeInt16BE(apiKey, 4);
  const client = text('millrace-probe');
  header.writeInt32BE(8 + client.length + body.length, 0);
  return Buffer.concat([header, client, body]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}
