/** Lines over TLS: everything as in tcp.gateway.ts, and devices may show a certificate instead of a password. */
import type { Gateway } from './gateway.ts';
import { TcpIngest } from './tcp/ingest.ts';
import { tcpsGatewaySettings, type TcpsGatewaySettings } from './tcp/settings.ts';
import { TlsIdentity } from './tls-identity.ts';

export const tcpsGateway: Gateway<TcpsGatewaySettings> = {
  name: 'tcps',
  settings: tcpsGatewaySettings,
  async start({ tls, ...settings }, ports) {
    const ingest = new TcpIngest(settings, ports, await TlsIdentity.read(tls));
    const address = await ingest.listen();
    return { address, stop: () => ingest.stop() };
  },
};
