import { ManualClock } from '@millrace/testkit';
import { afterAll, beforeAll } from 'vitest';
import { gatewaySuite } from './gateway.suite.ts';
import { httpsGateway } from './https.gateway.ts';
import { payloadBytesMax } from './message-limits.ts';
import { httpUnderTest } from './testing/http-member.ts';
import { TlsFiles } from './testing/tls-files.ts';

const confirmMsMax = 30_000;
let files: TlsFiles;

beforeAll(async () => {
  files = await TlsFiles.make();
});
afterAll(() => files.remove());

gatewaySuite({
  name: httpsGateway.name,
  confirmMsMax,
  oversizedBytes: payloadBytesMax + 1,
  clock: () => new ManualClock(),
  async start(ports) {
    const tls = files.settings;
    const settings = httpsGateway.settings.parse({ port: 0, requestsInFlightMax: 4, confirmMsMax, tls });
    return httpUnderTest(await httpsGateway.start(settings, ports), files.authority.certificate);
  },
});
