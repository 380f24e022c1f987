/** A device as it is configured, for tests that care about a part of it; also in the form of a file. */
export interface AnyDevice {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly identificationCode: string | null;
  readonly productId: string;
  readonly name: string;
  readonly state: 'registered' | 'active' | 'disabled' | 'retired';
  readonly attributes: Record<string, string>;
  readonly passwordHashes: string[];
  readonly tags: string[];
  readonly desired: Record<string, string>;
  readonly reported: Record<string, string>;
  readonly gatewayUid: string | null;
  readonly assetIds: string[];
}

export function anyDevice(tenant: string, deviceUid: string, more: Partial<AnyDevice> = {}): AnyDevice {
  return {
    tenant,
    deviceUid,
    identificationCode: null,
    productId: 'pump',
    name: '',
    state: 'active',
    attributes: {},
    passwordHashes: [],
    tags: [],
    desired: {},
    reported: {},
    gatewayUid: null,
    assetIds: [],
    ...more,
  };
}
