/**
 * Promise: whatever is sent to the api, it answers as its OpenAPI document says, and never with 5xx. Schemathesis makes the requests out of
 * the document: right ones, and ones that are wrong in every member.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../services/api/src/testing/api-under-test.ts';
import { findProgram } from '../stack/toolchain/search-path.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';

/** Of each operation in each phase. */
const requestsMax = 5;
const seed = 20_261_121;
const runMsMax = 240_000;
/** 20 MB, the first time. */
const fetchMsMax = 120_000;

/** Everything but the platform: what is made and changed at random has to stay within the tenant. */
const api = new ApiUnderTest(['ingest', 'read', 'write', 'admin']);
const folder = mkdtempSync(join(tmpdir(), 'millrace-openapi-'));
const hasPython = findProgram('python3') !== undefined;
let schemathesis = '';

beforeAll(async () => {
  if (hasPython) schemathesis = await new Toolchain().schemathesis();
  await api.start();
}, fetchMsMax);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
}, 30_000);

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

async function outcome(
  key: string,
  words: readonly string[],
): Promise<{ readonly code: unknown; readonly text: string }> {
  const parameters = ['run', `${api.url}/docs-json`, '--no-color', '--checks', checks.join(), ...words];
  parameters.push('--phases', 'examples,coverage,fuzzing', '--max-examples', String(requestsMax));
  parameters.push('--seed', String(seed), '--generation-database', 'none', '--no-shrink', '--continue-on-failure');
  parameters.push('--suppress-health-check', 'all', '--request-timeout', '15', '--warnings', 'off');
  parameters.push('--header', `Authorization: Bearer ${key}`);
  const child = spawn(schemathesis, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, text };
}

/** Streams without an end, and what writes every entity of the installation anew. */
const left = ['--exclude-path', '/v1/live', '--exclude-path-regex', '/journeys$|/republish$'];

test.skipIf(!hasPython)('any request is answered as the document says', { timeout: runMsMax }, async () => {
  const { code, text } = await outcome(api.key, left);
  expect(code, text).toBe(0);
});

test.skipIf(!hasPython)('so is any request about tenants, by the platform', { timeout: runMsMax }, async () => {
  const only = ['--include-path-regex', '^/v1/tenants', '--exclude-method', 'POST'];
  const { code, text } = await outcome(api.adminKey, only);
  expect(code, text).toBe(0);
});
