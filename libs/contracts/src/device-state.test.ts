import { expect, test } from 'vitest';
import { deviceStates, silenceOf, statesAfter } from './device-state.ts';

test('a device that is retired stays so, and every other one can be', () => {
  expect(statesAfter('retired')).toEqual([]);
  for (const state of deviceStates.filter((one) => one !== 'retired')) expect(statesAfter(state)).toContain('retired');
});

test('nothing becomes registered again, and only what was active is disabled', () => {
  expect(deviceStates.filter((state) => statesAfter(state).includes('registered'))).toEqual([]);
  expect(deviceStates.filter((state) => statesAfter(state).includes('disabled'))).toEqual(['active']);
});

test('only an active device is heard; a state that is not known is none', () => {
  expect([...deviceStates, 'else'].map(silenceOf)).toEqual([
    'device_not_active',
    undefined,
    'device_disabled',
    'device_retired',
    'device_disabled',
  ]);
});
