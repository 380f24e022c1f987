/** A session that is connected to a scripted broker. */
import { onTestFinished } from 'vitest';
import { checkConnection } from '../registry.ts';
import { fakePorts, hastyClock } from './fake-ports.ts';
import { ScriptedBroker } from './scripted-broker.ts';

/** Both end with the test. The session's time runs twenty times as fast. */
export async function openSession(protocolVersion: 4 | 5, keepaliveSeconds = 60) {
  const broker = await ScriptedBroker.start(protocolVersion);
  const ports = fakePorts(hastyClock(20));
  const ending = new AbortController();
  const open = checkConnection({
    tenant: 'acme',
    connectionId: 'broker',
    kind: 'mqtt',
    url: broker.url,
    clientId: 'millrace-test',
    protocolVersion,
    keepaliveSeconds,
    username: 'user',
    password: 'secret',
    subscriptions: [{ topicFilter: 'plant/+/up', qos: 1 }],
    deviceFrom: { kind: 'topic', pattern: 'plant/{deviceUid}/up' },
    tls: null,
    modbus: null,
  });
  const session = open(ports, ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await broker.stop();
  });
  return { broker, ports, session };
}
