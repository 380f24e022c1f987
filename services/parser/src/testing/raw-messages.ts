/** For tests: raw messages of one tenant, of which a test names what matters to it. */
import type { RawBatch, RawMessage } from '@millrace/contracts';

export function rawMessage(given: Partial<RawMessage> = {}): RawMessage {
  return {
    messageId: Buffer.alloc(16, 7),
    tenant: 'acme',
    deviceUid: 'd1',
    identificationCode: null,
    receivedAtMicros: 1_700_000_000_000_000,
    timeMicros: null,
    repeated: false,
    contentType: '',
    attributes: {},
    payload: Buffer.from('{}'),
    ...given,
  };
}

export function rawBatch(messages: readonly RawMessage[]): RawBatch {
  return { ingestor: 'test', protocol: 'test', connectionId: null, epoch: -1, messages };
}
