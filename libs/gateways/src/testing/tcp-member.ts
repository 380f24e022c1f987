/** The suite's client for lines over TCP and TLS. */
import type { ErrorCode } from '@millrace/contracts';
import type { GatewayUnderTest, Outcome } from '../gateway.suite.ts';
import type { GatewayHandle } from '../gateway.ts';
import { LineClient } from './line-client.ts';
import { credentialOf } from './tcp-bench.ts';

export function tcpUnderTest(handle: GatewayHandle, ca?: string): GatewayUnderTest {
  const outcomeOf = async (word: string, authorization: string, line: Uint8Array | string): Promise<Outcome> => {
    const client = await LineClient.connect(handle.address, ca === undefined ? {} : { tls: { ca } });
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
}
