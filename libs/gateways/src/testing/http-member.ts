/** The suite's client for ingest over HTTP and HTTPS. */
import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import type { ErrorCode, Problem } from '@millrace/contracts';
import type { GatewayUnderTest, Outcome } from '../gateway.suite.ts';
import type { GatewayHandle } from '../gateway.ts';

export interface HttpReply {
  readonly status: number;
  readonly json: Partial<Problem> & Readonly<Record<string, unknown>>;
}

/** `tls`: what the client trusts and shows. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'agent'> = {},
): Promise<HttpReply> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const request = send(url, { method: 'POST', headers, ...tls });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const text = Buffer.concat((await response.toArray()) as Buffer[]).toString();
  return { status: response.statusCode ?? 0, json: JSON.parse(text) as HttpReply['json'] };
}

export function httpUnderTest(handle: GatewayHandle, ca?: string): GatewayUnderTest {
  const outcomeOf = async (
    path: string,
    authorization: string,
    body: string | Uint8Array,
    contentType: string,
  ): Promise<Outcome> => {
    const headers = { authorization, 'content-type': contentType };
    const url = `${handle.address}/v1/messages${path}`;
    const { status, json } = await post(url, headers, body, ca === undefined ? {} : { ca });
    if (status === 200) return 'receipt';
    const [only] = json.errors ?? [];
    return (only?.code as ErrorCode | undefined) ?? json.code ?? 'internal';
  };
  return {
    send: (authorization, payload) => outcomeOf('', authorization, payload, 'application/octet-stream'),
    sendFor: (device, authorization, payload) => {
      const messages = [{ device, payload: Buffer.from(payload).toString('base64') }];
      return outcomeOf('/batch', authorization, JSON.stringify({ messages }), 'application/json');
    },
    sendMalformed: (authorization) => outcomeOf('/batch', authorization, '{"messages":[', 'application/json'),
    stop: () => handle.stop(),
  };
}
