/** What the places of a template stand for. */
import type { PlaceValues } from '@millrace/channels';
import type { AlarmEvent, DeviceConfig, ProductConfig } from '@millrace/contracts';

/** What the configuration knows of the event's device; it may have been deleted since. */
export interface EventContext {
  readonly device: Pick<DeviceConfig, 'name' | 'productId'> | undefined;
  readonly product: Pick<ProductConfig, 'signals'> | undefined;
}

export function placeValuesOf(event: AlarmEvent, { device, product }: EventContext): PlaceValues {
  const { tenant, deviceUid, signal } = event;
  return {
    tenant,
    device: deviceUid,
    deviceName: device?.name || deviceUid,
    rule: event.ruleName,
    signal,
    unit: product?.signals.find(({ name }) => name === signal)?.unit ?? '',
    value: event.value,
    severity: event.severity,
    severityBefore: event.severityBefore,
    transition: event.transition,
    /** Event time, ISO 8601 UTC to the millisecond. */
    time: new Date(event.timeMicros / 1_000).toISOString(),
    low: event.low,
    high: event.high,
    eventId: event.eventId.toString('hex'),
    alarmId: event.alarmId.toString('hex'),
  };
}
