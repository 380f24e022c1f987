/**
 * The messages of a run. Each has a number of its own, which travels in the frame and is stored as the value of a signal:
 * so a message that is missing is noticed, and one that is stored twice too, whatever became of its time on the way.
 */

/** The signals that the load's script makes of a frame; see `decode.js`. */
export const signals = ['number', 'temperature', 'humidity'] as const;

/** The signal that holds the message's number. */
export const numberSignal = signals[0];

const frameBytes = 10;

/** Message `index` of request `request`; both count from 0. */
export function numberOf(request: number, index: number, messagesPerRequest: number): number {
  return request * messagesPerRequest + index;
}

/** 48 bits of number, then two signed 16-bit readings that swing slowly. Big-endian. */
export function frameOf(number: number): ArrayBuffer {
  const frame = new DataView(new ArrayBuffer(frameBytes));
  frame.setUint16(0, Math.floor(number / 2 ** 32));
  frame.setUint32(2, number % 2 ** 32);
  frame.setInt16(6, 2_000 + (number % 1_000));
  frame.setInt16(8, 400 + (number % 200));
  return frame.buffer;
}

/** In turn, so that no device is twice in a request. */
export function deviceOf(number: number, devices: number): string {
  return deviceUid(number % devices);
}

export function deviceUid(index: number): string {
  return `load-${String(index).padStart(5, '0')}`;
}

/**
 * ISO 8601 with microseconds. The request's number stands below the millisecond, so that a device that two requests of one
 * millisecond name gets two times.
 */
export function timeOf(nowMs: number, request: number): string {
  const micros = String(request % 1_000).padStart(3, '0');
  return new Date(nowMs).toISOString().replace('Z', `${micros}Z`);
}
