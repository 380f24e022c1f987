import { ManualClock } from '@millrace/testkit';
import { gatewaySuite } from './gateway.suite.ts';
import type { GatewayPorts } from './gateway.ts';
import { payloadBytesMax } from './message-limits.ts';
import { tcpGateway } from './tcp.gateway.ts';
import { settings } from './testing/tcp-bench.ts';
import { tcpUnderTest } from './testing/tcp-member.ts';

gatewaySuite({
  name: tcpGateway.name,
  confirmMsMax: settings.confirmMsMax,
  oversizedBytes: payloadBytesMax + 1,
  clock: () => new ManualClock(),
  async start(ports: GatewayPorts) {
    return tcpUnderTest(await tcpGateway.start(settings, ports));
  },
});
