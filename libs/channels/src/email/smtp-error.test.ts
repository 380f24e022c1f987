import { expect, test } from 'vitest';
import { smtpError } from './smtp-error.ts';

test.each([
  ['RCPT TO', 550, 'EENVELOPE', 'recipient_rejected'],
  ['MAIL FROM', 553, 'EENVELOPE', 'recipient_rejected'],
  ['DATA', 554, 'EMESSAGE', 'recipient_rejected'],
  ['RCPT TO', 450, 'EENVELOPE', 'channel_unavailable'],
  ['DATA', 452, 'EMESSAGE', 'channel_unavailable'],
  ['MAIL FROM', 503, 'EENVELOPE', 'channel_unavailable'],
  ['CONN', 554, 'EPROTOCOL', 'channel_unavailable'],
  ['AUTH PLAIN', 535, 'EAUTH', 'channel_unavailable'],
  ['CONN', undefined, 'ECONNECTION', 'channel_unavailable'],
  ['CONN', undefined, 'ETIMEDOUT', 'channel_unavailable'],
  [undefined, undefined, 'EABORT', 'channel_unavailable'],
  ['MAIL FROM', undefined, 'EMESSAGE', 'recipient_rejected'],
])('%s answered %s (%s) is %s', (command, responseCode, code, expected) => {
  const error = Object.assign(new Error('The server\r\nsaid so.'), { command, responseCode, code });
  expect(smtpError(error, 100)).toMatchObject({ code: expected, message: 'The server said so.' });
});
