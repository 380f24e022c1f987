/** Who may send for which device. */
import type { Configuration } from '@millrace/config';
import type { DeviceConfig } from '@millrace/contracts';
import type { DeviceRefusal, Sender } from '@millrace/gateways';

/** A device with a credential of its own. */
export class DeviceSender implements Sender {
  readonly tenant: string;
  readonly deviceUid: string;

  constructor({ tenant, deviceUid }: DeviceConfig) {
    this.tenant = tenant;
    this.deviceUid = deviceUid;
  }

  refusalOf(deviceUid: string): DeviceRefusal | undefined {
    return deviceUid === this.deviceUid ? undefined : 'not_allowed';
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
    return device.state === 'active' ? undefined : 'device_disabled';
  }
}
