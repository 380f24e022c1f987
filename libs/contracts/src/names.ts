/** Names that travel on every interface: tenants, devices and the Kafka key made of both, built-in aggregations. */

export const tenantPattern = /^[a-z][a-z0-9_]{1,31}$/;
export const deviceUidPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Length limits of text that ends up in keys and columns. */
export const signalNameCharsMax = 128;
export const identificationCodeCharsMax = 128;

/** Kafka key of everything about a device; decides its partition and with it the order. */
export function deviceKey(tenant: string, deviceUid: string): string {
  return `${tenant}/${deviceUid}`;
}

/** What a statistic may ask for without a script. */
export const aggregationNames = ['count', 'sum', 'mean', 'min', 'max', 'first', 'last'] as const;

export type AggregationName = (typeof aggregationNames)[number];
