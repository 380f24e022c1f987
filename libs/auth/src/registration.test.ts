import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CredentialHasher } from './credential-hasher.ts';
import {
  checkRegistrationSecret,
  decideRegistration,
  enrolAgainMsMax,
  type Registration,
  type RegistrationCircumstances,
  type RegistrationDecision,
  type RegistrationSecret,
} from './registration.ts';
import { SecretKey } from './secret-key.ts';

const hasher = new CredentialHasher(new SecretKey(randomBytes(32)));
const shown = 'p1.0123456789abcdef';
const claim = 'c'.repeat(32);
const nowMs = 1_000_000_000;
const secret: RegistrationSecret = { hash: hasher.hash(shown), expiresAtMs: null, approval: false, devicesMax: 3 };
const refused = (code: string) => expect.objectContaining({ code });

const decide = (rest: Partial<RegistrationCircumstances> = {}, by = claim): RegistrationDecision =>
  decideRegistration(
    by,
    { secret, registration: undefined, deviceExists: false, registered: 0, nowMs, ...rest },
    hasher,
  );

const registration = (state: Registration['state'], sinceMs = nowMs): Registration => ({
  claimHash: hasher.hash(claim),
  state,
  sinceMs,
});

test('only the right secret counts, until it ends', () => {
  checkRegistrationSecret(shown, secret, hasher, nowMs);
  checkRegistrationSecret(shown, { ...secret, expiresAtMs: nowMs + 1 }, hasher, nowMs);
  for (const [text, stored] of [
    ['p1.0123456789abcdeX', secret],
    ['', secret],
    [shown, undefined],
    [shown, { ...secret, expiresAtMs: nowMs }],
  ] as const)
    expect(() => checkRegistrationSecret(text, stored, hasher, nowMs)).toThrow(refused('unauthenticated'));
});

test('a new device is enrolled, or asks first where a person approves', () => {
  expect(decide()).toEqual({ kind: 'enrol', enrolledAtMs: nowMs });
  expect(decide({ secret: { ...secret, approval: true } })).toEqual({ kind: 'ask', retryAfterSeconds: 300 });
});

test('a device waits until it is approved, and is enrolled then', () => {
  expect(decide({ registration: registration('pending'), registered: 3 })).toMatchObject({ kind: 'wait' });
  expect(decide({ registration: registration('approved'), registered: 3 })).toEqual({
    kind: 'enrol',
    enrolledAtMs: nowMs,
  });
  expect(() => decide({ registration: registration('refused') })).toThrow(refused('not_allowed'));
});

test('a device whose answer got lost is enrolled again for a day, counted from the first time', () => {
  const sinceMs = nowMs - enrolAgainMsMax + 1;
  const again = { registration: registration('enrolled', sinceMs), deviceExists: true };
  expect(decide(again)).toEqual({ kind: 'enrol', enrolledAtMs: sinceMs });
  expect(() => decide({ ...again, nowMs: nowMs + 1 })).toThrow(refused('not_allowed'));
});

test.each(['pending', 'approved', 'enrolled', 'refused'] as const)(
  'who does not know the claim of a device that is %s gets nothing',
  (state) => {
    const of = { registration: registration(state), deviceExists: true };
    expect(() => decide(of, 'd'.repeat(32))).toThrow(refused('not_allowed'));
  },
);

test('a device that is there already, and one too many, are refused alike', () => {
  const messageOf = (rest: Partial<RegistrationCircumstances>): string => {
    try {
      decide(rest);
    } catch (error) {
      return (error as Error).message;
    }
    return 'decided';
  };
  expect(messageOf({ deviceExists: true })).toBe(messageOf({ registered: 3 }));
  expect(messageOf({ deviceExists: true })).toContain('cannot register itself');
});

test.each(['', 'c'.repeat(31), 'c'.repeat(129), `${'c'.repeat(32)} `])('"%s" is no claim', (text) => {
  expect(() => decide({}, text)).toThrow(refused('invalid_field'));
});

test('whatever devices, strangers and people do, no secret brings more devices than its limit, and no stranger gets a credential', () => {
  const act = fc.record({
    deviceUid: fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5'),
    who: fc.constantFrom('device', 'stranger', 'approve', 'refuse'),
    laterMs: fc.integer({ min: 0, max: 2 * enrolAgainMsMax }),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(act, { maxLength: 40 }), (approval, acts) => {
      const stored = new Map<string, Registration>();
      const owners = new Map<string, string>();
      let atMs = nowMs;
      for (const { deviceUid, who, laterMs } of acts) {
        atMs += laterMs;
        const before = stored.get(deviceUid);
        if (who === 'approve' || who === 'refuse') {
          const state = who === 'approve' ? 'approved' : 'refused';
          if (before?.state === 'pending') stored.set(deviceUid, { ...before, state, sinceMs: atMs });
          continue;
        }
        const by = who.padEnd(32, '-') + deviceUid;
        const registered = [...stored.values()].filter(({ state }) => state !== 'refused').length;
        const deviceExists = before?.state === 'enrolled';
        const circumstances = {
          secret: { ...secret, approval },
          registration: before,
          deviceExists,
          registered,
          nowMs: atMs,
        };
        let decision: RegistrationDecision;
        try {
          decision = decideRegistration(by, circumstances, hasher);
        } catch {
          continue;
        }
        owners.set(deviceUid, owners.get(deviceUid) ?? by);
        expect(by).toBe(owners.get(deviceUid));
        const claimHash = hasher.hash(by);
        if (decision.kind === 'ask') stored.set(deviceUid, { claimHash, state: 'pending', sinceMs: atMs });
        if (decision.kind === 'enrol') {
          if (approval) expect(['approved', 'enrolled']).toContain(before?.state);
          stored.set(deviceUid, { claimHash, state: 'enrolled', sinceMs: decision.enrolledAtMs });
        }
      }
      expect([...stored.values()].filter(({ state }) => state !== 'refused').length).toBeLessThanOrEqual(3);
    }),
  );
});
