import { ManualClock } from '@millrace/testkit';
import { afterAll, beforeAll } from 'vitest';
import { gatewaySuite } from './gateway.suite.ts';
import { payloadBytesMax } from './message-limits.ts';
import { tcpsGateway } from './tcps.gateway.ts';
import { settings } from './testing/tcp-bench.ts';
import { tcpUnderTest } from './testing/tcp-member.ts';
import { TlsFiles } from './testing/tls-files.ts';

let files: TlsFiles;

beforeAll(async () => {
  files = await TlsFiles.make();
});
afterAll(() => files.remove());

gatewaySuite({
  name: tcpsGateway.name,
  confirmMsMax: settings.confirmMsMax,
  oversizedBytes: payloadBytesMax + 1,
  clock: () => new ManualClock(),
  async start(ports) {
    const handle = await tcpsGateway.start({ ...settings, tls: files.settings }, ports);
    return tcpUnderTest(handle, files.authority.certificate);
  },
});
