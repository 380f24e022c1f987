/** Who takes part in the demo: the configured devices with their passwords and their way to the platform. */

export interface Member {
  readonly tenant: string;
  readonly uid: string;
  readonly identificationCode: string;
  readonly productId: string;
  readonly password: string;
  readonly transport: 'http' | 'mqtt';
}

interface DeviceFile {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly identificationCode: string;
  readonly productId: string;
}

interface DemoState {
  readonly tenants: readonly { id: string; devices: readonly { uid: string; key: string }[] }[];
}

/** Products whose devices reach the platform through the broker. */
const productsOnMqtt: readonly string[] = ['milesight-em300-th'];

/** Products that do not send: a controller is asked for their values. */
const productsAsked: readonly string[] = ['press-section'];

export function membersOf(devices: readonly DeviceFile[], demo: DemoState): Member[] {
  const senders = devices.filter(({ productId }) => !productsAsked.includes(productId));
  return senders.map(({ tenant, deviceUid, identificationCode, productId }) => ({
    tenant,
    uid: deviceUid,
    identificationCode,
    productId,
    password: passwordOf(demo, tenant, deviceUid),
    transport: productsOnMqtt.includes(productId) ? 'mqtt' : 'http',
  }));
}

function passwordOf(demo: DemoState, tenant: string, uid: string): string {
  const device = demo.tenants.find(({ id }) => id === tenant)?.devices.find((one) => one.uid === uid);
  if (!device) throw new Error(`The state file has no password for ${tenant}/${uid}; run ./millrace up --fresh.`);
  return device.key;
}
