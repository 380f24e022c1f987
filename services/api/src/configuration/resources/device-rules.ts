/** What is right of a device alone and wrong beside what there is: steps of its life, and who its gateway is. */
import type { Entities } from '@millrace/config';
import { type DeviceState, type ErrorCode, MillraceError, statesAfter } from '@millrace/contracts';
import type { ResourceRows, ResourceWrite } from '@millrace/control';
import { entityIn } from './stored-body.ts';

type Device = Entities['devices'];

/** By uid, of those that are wrong. Whoever writes the others does it in the same transaction. */
export async function deviceErrors(
  rows: ResourceRows,
  changes: readonly ResourceWrite[],
): Promise<ReadonlyMap<string, MillraceError>> {
  const devices = changes.map(({ body }) => entityIn('devices', body));
  const errors = await gatewayErrors(rows, devices, changes);
  for (const [index, { before }] of changes.entries()) {
    const error = transitionError(devices[index]!, before && entityIn('devices', before.body));
    if (error) errors.set(devices[index]!.deviceUid, error);
  }
  return errors;
}

function transitionError({ deviceUid, state }: Device, before: Device | undefined): MillraceError | undefined {
  if (!before || before.state === state) return undefined;
  const possible = statesAfter(before.state as DeviceState);
  if (possible.some((one) => one === state)) return undefined;
  const what = possible.length === 0 ? 'and stays so' : `and may become ${possible.join(' or ')}`;
  return wrong('invalid_transition', 'state', `Device ${deviceUid} is ${before.state} ${what}, not ${state}.`);
}

/** A gateway has none itself: one level, and so no circles. Waits for other writers, so that two changes cannot make two levels. */
async function gatewayErrors(
  rows: ResourceRows,
  devices: readonly Device[],
  changes: readonly ResourceWrite[],
): Promise<Map<string, MillraceError>> {
  const errors = new Map<string, MillraceError>();
  const children = devices.filter(
    ({ gatewayUid }, index) => gatewayUid !== null && gatewayUid !== changes[index]!.before?.body['gatewayUid'],
  );
  if (children.length === 0) return errors;
  await rows.takeTurn();
  const wanted = new Map(devices.map((device) => [device.deviceUid, device]));
  const gateways = await rows.findMany('devices', [...new Set(children.map(({ gatewayUid }) => gatewayUid!))]);
  const ofOthers = await rows.holders(
    'devices',
    'gateway_id',
    children.map(({ deviceUid }) => deviceUid),
    [...wanted.keys()],
  );
  const ofThese = new Set(devices.filter((one) => !children.includes(one)).map(({ gatewayUid }) => gatewayUid));
  for (const { deviceUid, gatewayUid } of children) {
    const gateway: { readonly gatewayUid?: unknown } | undefined =
      wanted.get(gatewayUid!) ?? gateways.get(gatewayUid!)?.body;
    if (typeof gateway?.gatewayUid === 'string')
      errors.set(deviceUid, wrong('invalid_field', 'gatewayUid', `${gatewayUid} is behind a gateway itself.`));
    else if (ofOthers.has(deviceUid) || ofThese.has(deviceUid))
      errors.set(deviceUid, wrong('invalid_field', 'gatewayUid', `${deviceUid} is the gateway of other devices.`));
  }
  return errors;
}

function wrong(code: ErrorCode, field: string, detail: string): MillraceError {
  return new MillraceError(code, detail, {
    errors: [{ field, code: code === 'invalid_field' ? 'nested' : code, detail }],
  });
}
