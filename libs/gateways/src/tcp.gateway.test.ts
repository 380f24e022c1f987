import type { ErrorCode } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { gatewaySuite, type Outcome } from './gateway.suite.ts';
import type { GatewayPorts } from './gateway.ts';
import { payloadBytesMax } from './message-limits.ts';
import { tcpGateway } from './tcp.gateway.ts';
import { LineClient } from './testing/line-client.ts';
import { credentialOf, settings } from './testing/tcp-bench.ts';

gatewaySuite({
  name: tcpGateway.name,
  confirmMsMax: settings.confirmMsMax,
  oversizedBytes: payloadBytesMax + 1,
  clock: () => new ManualClock(),
  async start(ports: GatewayPorts) {
    const handle = await tcpGateway.start(settings, ports);
    const outcomeOf = async (word: string, authorization: string, line: Uint8Array | string): Promise<Outcome> => {
      const client = await LineClient.connect(handle.address);
      client.write(`${word} ${credentialOf(authorization)}\n`);
      client.write(line);
      client.write('\n');
      const answers = await client.end();
      const answer = answers.find((one) => one !== 'OK');
      if (answer === undefined) throw new Error('The gateway has not answered.');
      return answer.startsWith('OK ') ? 'receipt' : (answer.split(' ')[1] as ErrorCode);
    };
    return {
      send: (authorization, payload) => outcomeOf('RAW', authorization, payload),
      sendFor: (device, authorization, payload) =>
        outcomeOf('JSON', authorization, JSON.stringify({ device, payload: Buffer.from(payload).toString('base64') })),
      sendMalformed: (authorization) => outcomeOf('JSON', authorization, '{"device":'),
      stop: () => handle.stop(),
    };
  },
});
