/** The life of a device: registered → active ⇄ disabled → retired. Only an active one is heard. */
import type { ErrorCode } from './errors.ts';

export const deviceStates = ['registered', 'active', 'disabled', 'retired'] as const;

export type DeviceState = (typeof deviceStates)[number];

const following: Readonly<Record<DeviceState, readonly DeviceState[]>> = {
  registered: ['active', 'retired'],
  active: ['disabled', 'retired'],
  disabled: ['active', 'retired'],
  retired: [],
};

/** What a device in this state may become. */
export function statesAfter(state: DeviceState): readonly DeviceState[] {
  return following[state];
}

export type SilentDevice = Extract<ErrorCode, 'device_not_active' | 'device_disabled' | 'device_retired'>;

/** Why a device in this state is not heard; undefined: it is. */
export function silenceOf(state: string): SilentDevice | undefined {
  if (state === 'active') return undefined;
  if (state === 'registered') return 'device_not_active';
  return state === 'retired' ? 'device_retired' : 'device_disabled';
}
