/** The devices of one tenant, from the configuration in memory. */
import type { Configuration } from '@millrace/config';
import type { DeviceFinder, KnownDevice } from '@millrace/connectors';

export class TenantDevices implements DeviceFinder {
  readonly #tenant: string;
  readonly #configuration: Pick<Configuration, 'device' | 'deviceByCode'>;

  constructor(tenant: string, configuration: Pick<Configuration, 'device' | 'deviceByCode'>) {
    this.#tenant = tenant;
    this.#configuration = configuration;
  }

  byUid(deviceUid: string): KnownDevice | undefined {
    return this.#configuration.device(this.#tenant, deviceUid);
  }

  byIdentificationCode(identificationCode: string): KnownDevice | undefined {
    return this.#configuration.deviceByCode(this.#tenant, identificationCode);
  }
}
