/** The files of the listeners' certificate, by the environment. */
import { MillraceError } from '@millrace/contracts';
import type { GatewayEnvironment } from './environment.ts';

/** Both for a listener with TLS, neither without one: a certificate that nobody shows is a mistake. */
export function tlsFiles(environment: GatewayEnvironment) {
  const { MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: certificateFile, MILLRACE_GATEWAY_TLS_KEY_FILE: keyFile } =
    environment;
  const { MILLRACE_GATEWAY_HTTPS_PORT: httpsPort, MILLRACE_GATEWAY_TCPS_PORT: tcpsPort } = environment;
  const wanted = httpsPort !== undefined || tcpsPort !== undefined;
  if (wanted === (certificateFile !== undefined) && wanted === (keyFile !== undefined))
    return { certificateFile, keyFile };
  throw new MillraceError(
    'configuration_invalid',
    'Give MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE and MILLRACE_GATEWAY_TLS_KEY_FILE with MILLRACE_GATEWAY_HTTPS_PORT or MILLRACE_GATEWAY_TCPS_PORT, or none of them.',
  );
}
