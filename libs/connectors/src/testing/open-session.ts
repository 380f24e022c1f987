/** A session that is connected to a scripted broker. */
import { onTestFinished } from 'vitest';
import type { Connection } from '../connector.ts';
import { checkConnection } from '../registry.ts';
import { fakePorts, hastyClock } from './fake-ports.ts';
import { mqttConnection } from './mqtt-connection.ts';
import { ScriptedBroker } from './scripted-broker.ts';

/** Both end with the test. The session's time runs twenty times as fast. */
export async function openSession(protocolVersion: 4 | 5, rest: Partial<Connection> = {}) {
  const broker = await ScriptedBroker.start(protocolVersion);
  const ports = fakePorts(hastyClock(20));
  const ending = new AbortController();
  const login = { username: 'user', password: 'secret' };
  const connection = mqttConnection({ url: broker.url, protocolVersion, ...login, ...rest });
  const session = checkConnection(connection).open(ports, ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await broker.stop();
  });
  return { broker, ports, session };
}
