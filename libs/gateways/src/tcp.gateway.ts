/**
 * TCP, line by line, for devices that can open a socket and not much more. A line ends with LF or CR LF.
 *
 *     → RAW tenant/deviceUid:password      or: JSON tenant/deviceUid:password, or: a key or token behind the word
 *     ← OK
 *     → a message
 *     ← OK 3f2a9c…                          its id, when Kafka has it
 *     → another message
 *     ← ERR empty_body Send the payload as a line.
 *
 * RAW: a line is the payload as it is, text/plain. JSON: a line is an object as in a batch of HTTP, so it can carry an id and a
 * time, bytes in base64, and under a key of the tenant its device.
 *
 * Every line is answered by one line, in order, `ERR` with a code and a sentence; a sender need not wait for one answer before it
 * sends the next line. Behind the `ERR` of a first line, of a credential that is no longer valid, or of a gateway that stops, the
 * connection ends: what was sent after the line that was answered last was not taken. `overloaded`, `not_ready` and
 * `stream_unavailable` mean: send the line again later; with an id it is stored once all the same.
 */
import type { Gateway } from './gateway.ts';
import { TcpIngest } from './tcp/ingest.ts';
import { tcpGatewaySettings, type TcpGatewaySettings } from './tcp/settings.ts';

export const tcpGateway: Gateway<TcpGatewaySettings> = {
  name: 'tcp',
  settings: tcpGatewaySettings,
  async start(settings, ports) {
    const ingest = new TcpIngest(settings, ports);
    const address = await ingest.listen();
    return { address, stop: () => ingest.stop() };
  },
};
