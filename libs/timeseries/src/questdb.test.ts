import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { QuestDb } from './questdb.ts';

const lines = Buffer.from('points value=1 1t\n');
let server: Server;
let store: QuestDb;

/** A server that answers as the test says. */
async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  store = new QuestDb(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

afterEach(() => {
  store.close();
  server.closeAllConnections();
  server.close();
});

test('lines travel as they are, with their length, over a connection that stays open', async () => {
  const received: Buffer[] = [];
  const ports = new Set<unknown>();
  await serve((request, response) => {
    ports.add(request.socket.remotePort);
    expect(request.headers['content-length']).toBe(String(lines.length));
    expect(request.url).toBe('/write?precision=u');
    request.on('data', (chunk: Buffer) => received.push(chunk));
    request.on('end', () => response.writeHead(204).end());
  });
  await store.write(lines);
  await store.write(lines);
  expect(Buffer.concat(received).equals(Buffer.concat([lines, lines]))).toBe(true);
  expect(ports.size).toBe(1);
});

test('a connection that was closed while it lay idle is no outage: the request goes over a new one', async () => {
  const seen = new WeakSet<object>();
  let answers = 0;
  await serve((request, response) => {
    if (seen.has(request.socket)) return void request.socket.destroy();
    seen.add(request.socket);
    request.resume().on('end', () => {
      answers += 1;
      response.writeHead(204).end();
    });
  });
  await store.write(lines);
  await store.write(lines);
  expect(answers).toBe(2);
});

test('a connection that breaks during its first request is an outage: what was stored is not known', async () => {
  await serve((request) => request.socket.destroy());
  await expect(store.write(lines)).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
});

test('an aborted signal ends the request with its reason, and the server sees it', async () => {
  const closed = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await serve((_, response) => {
    response.on('close', () => closed.resolve());
    begun.resolve();
  });
  const abort = new AbortController();
  const query = store.query('SELECT 1', abort.signal);
  query.catch(() => undefined);
  await begun.promise;
  abort.abort(new Error('nobody waits any more'));
  await expect(query).rejects.toThrow('nobody waits any more');
  await closed.promise;
});

test('a statement that is refused is our defect, a server in trouble is an outage', async () => {
  let status = 400;
  await serve((_, response) => response.writeHead(status).end('{"error":"Invalid column: x"}'));
  await expect(store.query('SELECT x')).rejects.toMatchObject({ code: 'internal' });
  status = 503;
  await expect(store.query('SELECT x')).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('the rows of an answer come as they are, and DDL has none', async () => {
  let body = '{"dataset":[[1,"a",null,true]]}';
  await serve((_, response) => response.end(body));
  expect(await store.query('SELECT')).toEqual([[1, 'a', null, true]]);
  body = '{"ddl":"OK"}';
  expect(await store.query('CREATE')).toEqual([]);
});
