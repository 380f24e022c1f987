import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PortClaims } from './port-claims.ts';
import { loopback } from './ports.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'millrace-claims-'));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, loopback);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

test('a port that one stack has claimed is not for another, until it is released', async () => {
  const folder = newFolder();
  const port = await freePort();
  const first = new PortClaims(folder);
  const second = new PortClaims(folder);
  expect(await first.claim(port)).toBe(true);
  expect(await second.claim(port)).toBe(false);
  first.release();
  expect(await second.claim(port)).toBe(true);
});

test('a port that somebody listens on is not claimed', async () => {
  const folder = newFolder();
  const server = createServer().listen(0, loopback);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await new PortClaims(folder).claim(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await new PortClaims(folder).claim(port)).toBe(true);
});
