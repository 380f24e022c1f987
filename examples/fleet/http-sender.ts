/** Sends an uplink to the gateway as the device itself: Basic authentication, its own time and port with the raw frame. */
import type { Sender } from './fleet.ts';

const timeoutMs = 10_000;

export function httpSender(gateway: string): Sender {
  return async ({ tenant, uid, password }, { fPort, frame }, time, signal) => {
    const response = await fetch(`${gateway}/v1/messages?fPort=${fPort}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${tenant}/${uid}:${password}`).toString('base64')}`,
        'content-type': 'application/octet-stream',
        'millrace-time': time.toISOString(),
        'millrace-message-id': `${uid}-${time.getTime()}`,
      },
      body: new Uint8Array(frame),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`The gateway answered ${response.status}: ${answer.slice(0, 200)}`);
  };
}
