/**
 * CONNECT, CONNACK and SUBSCRIBE, and what a refusal means. We publish nothing (the will is the broker's to publish), so the
 * broker's own receive maximum and topic aliases bind nobody here.
 */
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import type { IConnackPacket, IConnectPacket, IDisconnectPacket, ISubscribePacket } from 'mqtt-packet';
import type { MqttSettings } from './settings.ts';

/** We publish nothing, so every packet id is free for the one SUBSCRIBE. */
const subscribePacketId = 1;

/** What the broker told us when it accepted the connection. */
export interface Welcome {
  /** The broker knows our subscriptions and has kept our messages. */
  readonly sessionPresent: boolean;
  readonly keepaliveSeconds: number;
}

export function connectPacket(settings: MqttSettings): IConnectPacket {
  const { protocolVersion, clientId, keepaliveSeconds, username, password, token, will } = settings;
  const { cleanStart, sessionExpirySeconds, receiveMaximum } = settings;
  const secret = token ?? password;
  // Without an expiry the session ends with the connection.
  const expiry = cleanStart ? {} : { sessionExpiryInterval: sessionExpirySeconds };
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    clientId,
    clean: cleanStart,
    keepalive: keepaliveSeconds,
    ...(username !== null && { username }),
    ...(secret !== null && { password: Buffer.from(secret) }),
    ...(will !== null && { will: { ...will, payload: Buffer.from(will.payload) } }),
    ...(protocolVersion === 5 && { properties: { ...expiry, receiveMaximum } }),
  };
}

/** The welcome, or `broker_refused` with the broker's reason, or `broker_unavailable` when it may accept us later. */
export function readConnack(packet: IConnackPacket, settings: MqttSettings): Welcome | MillraceError {
  const code = packet.reasonCode ?? packet.returnCode ?? 0;
  if (code !== 0) {
    const reasons = settings.protocolVersion === 5 ? reasons5 : reasons4;
    const { text, error } = reasons.get(code) ?? { text: `reason code ${code}`, error: 'broker_unavailable' };
    const ownWords = packet.properties?.reasonString;
    return new MillraceError(error, `The broker refuses the connection: ${ownWords ?? text}.`);
  }
  const keepaliveSeconds = packet.properties?.serverKeepAlive ?? settings.keepaliveSeconds;
  return { sessionPresent: packet.sessionPresent, keepaliveSeconds };
}

/** Retained messages come for subscriptions that are new, not again at every connection (MQTT 5). */
export function subscribePacket({ subscriptions, protocolVersion }: MqttSettings): ISubscribePacket {
  return {
    cmd: 'subscribe',
    messageId: subscribePacketId,
    subscriptions: subscriptions.map(({ topicFilter, qos }) => ({
      topic: topicFilter,
      qos,
      ...(protocolVersion === 5 && { nl: false, rap: true, rh: 1 }),
    })),
  };
}

/** Why the broker ended the connection (MQTT 5; before, it just closes). */
export function readDisconnect({ reasonCode = 0, properties }: IDisconnectPacket): MillraceError {
  if (reasonCode === sessionTakenOver)
    return new MillraceError('session_taken_over', 'Another client has connected with the same client id.');
  const { text, error } = reasons5.get(reasonCode) ?? {
    text: `reason code ${reasonCode}`,
    error: 'broker_unavailable',
  };
  return new MillraceError(error, `The broker ended the connection: ${properties?.reasonString ?? text}.`);
}

export function reasonText(reasonCode: number): string {
  return reasons5.get(reasonCode)?.text ?? `reason code ${reasonCode}`;
}

interface Reason {
  readonly text: string;
  readonly error: ErrorCode;
}

const later = (text: string): Reason => ({ text, error: 'broker_unavailable' });
/** As configured, we shall not be accepted. */
const never = (text: string): Reason => ({ text, error: 'broker_refused' });

const sessionTakenOver = 0x8e;

/** MQTT 3.1.1, table 3.1. */
const reasons4: ReadonlyMap<number, Reason> = new Map([
  [1, never('unacceptable protocol version')],
  [2, never('client id rejected')],
  [3, later('server unavailable')],
  [4, never('bad user name or password')],
  [5, never('not authorized')],
]);

/** MQTT 5, section 2.4. */
const reasons5: ReadonlyMap<number, Reason> = new Map([
  [0x80, later('unspecified error')],
  [0x81, never('malformed packet')],
  [0x82, never('protocol error')],
  [0x83, later('implementation specific error')],
  [0x84, never('unsupported protocol version')],
  [0x85, never('client id not valid')],
  [0x86, never('bad user name or password')],
  [0x87, never('not authorized')],
  [0x88, later('server unavailable')],
  [0x89, later('server busy')],
  [0x8a, never('banned')],
  [0x8b, later('server shutting down')],
  [0x8c, never('bad authentication method')],
  [0x8d, later('keep alive timeout')],
  [0x8f, never('topic filter invalid')],
  [0x90, never('topic name invalid')],
  [0x93, later('receive maximum exceeded')],
  [0x95, never('packet too large')],
  [0x97, later('quota exceeded')],
  [0x98, later('administrative action')],
  [0x9a, never('retain not supported')],
  [0x9b, never('QoS not supported')],
  [0x9c, later('use another server')],
  [0x9d, never('server moved')],
  [0x9e, never('shared subscriptions not supported')],
  [0x9f, later('connection rate exceeded')],
  [0xa2, never('wildcard subscriptions not supported')],
]);
