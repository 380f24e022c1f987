/** Who may send for which device. */
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, silenceOf } from '@millrace/contracts';
import type { DeviceRefusal, Sender } from '@millrace/gateways';

/** A device with a credential of its own; a gateway sends for its children as well. */
export class DeviceSender implements Sender {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly #configuration: Pick<Configuration, 'device'>;

  constructor({ tenant, deviceUid }: DeviceConfig, configuration: Pick<Configuration, 'device'>) {
    this.tenant = tenant;
    this.deviceUid = deviceUid;
    this.#configuration = configuration;
  }

  /** Of devices that are not its own it hears no more than that. */
  refusalOf(deviceUid: string): DeviceRefusal | undefined {
    if (deviceUid === this.deviceUid) return undefined;
    const child = this.#configuration.device(this.tenant, deviceUid);
    return child?.gatewayUid === this.deviceUid ? silenceOf(child.state) : 'not_allowed';
  }
}

/** A program with a key of its tenant; sends for any of its devices. */
export class TenantSender implements Sender {
  readonly tenant: string;
  readonly deviceUid = null;
  readonly #configuration: Configuration;

  constructor(tenant: string, configuration: Configuration) {
    this.tenant = tenant;
    this.#configuration = configuration;
  }

  refusalOf(deviceUid: string): DeviceRefusal | undefined {
    const device = this.#configuration.device(this.tenant, deviceUid);
    if (!device) return 'unknown_device';
    return silenceOf(device.state);
  }
}
