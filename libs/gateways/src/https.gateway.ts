/** HTTP ingest over TLS: everything as in http.gateway.ts, and devices may show a certificate instead of a password. */
import type { Gateway } from './gateway.ts';
import { HttpIngest } from './http-ingest.ts';
import { httpsGatewaySettings, type HttpsGatewaySettings } from './http-settings.ts';
import { TlsIdentity } from './tls-identity.ts';

export const httpsGateway: Gateway<HttpsGatewaySettings> = {
  name: 'https',
  settings: httpsGatewaySettings,
  async start({ tls, ...settings }, ports) {
    const ingest = new HttpIngest(settings, ports, await TlsIdentity.read(tls));
    const address = await ingest.listen();
    return { address, stop: () => ingest.stop() };
  },
};
