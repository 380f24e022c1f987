/** The commands of docs/data-api.md do what the page says. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { latestOfManyAnswer } from './overview-answers.ts';
import { bucketsAnswer, courseAnswer } from './series-answers.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/data-api.md'), 'utf8');
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, command = '']) => command);

const api = new ApiUnderTest();
const folder = mkdtempSync(join(tmpdir(), 'millrace-page-'));

beforeAll(async () => {
  await api.start();
  await api.applyDevices(['dryer-01', 'dryer-02']);
  await vi.waitFor(async () => expect(await (await api.get('/v1/devices')).text()).toContain('dryer-02'), 10_000);
  const point = { device: 'dryer-01', signal: 'TempC_SHT', value: 21.5 };
  const recently = (Date.now() - 60_000) * 1_000;
  await api.storePoints([
    { ...point, timeMicros: recently },
    { ...point, timeMicros: Date.UTC(2026, 2, 1, 5) * 1_000 },
  ]);
}, 60_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
}, 30_000);

function commandWith(text: string): string {
  const found = commands.filter((command) => command.includes(text));
  expect(found, text).toHaveLength(1);
  return found[0]!;
}

const environment = () => ({ ...process.env, API: api.url, KEY: api.key });

async function run(text: string): Promise<string> {
  const options = { cwd: folder, env: environment() };
  return (await promisify(execFile)('sh', ['-c', commandWith(text)], options)).stdout;
}

test('the page has commands for every way', () => expect(commands).toHaveLength(6));

test('the questions are answered', async () => {
  expect(latestOfManyAnswer.parse(JSON.parse(await run('/v1/points/latest'))).devices).toHaveLength(2);
  expect(bucketsAnswer.parse(JSON.parse(await run('"points": 60'))).series[0]?.last).toEqual([21.5]);
  expect(courseAnswer.parse(JSON.parse(await run('lttb'))).series[0]?.values).toEqual([21.5]);
});

test('the files are there', async () => {
  await run('points.csv');
  expect(readFileSync(join(folder, 'points.csv'), 'utf8')).toContain(
    '\r\n2026-03-01T05:00:00.000000Z,dryer-01,TempC_SHT,21.5',
  );
  await run('points.parquet');
  const bytes = new Uint8Array(readFileSync(join(folder, 'points.parquet')));
  expect(await parquetReadObjects({ file: bytes.buffer })).toHaveLength(2);
});

test('the stream begins', async () => {
  const curl = spawn('sh', ['-c', `exec ${commandWith('/v1/live')}`], { env: environment() });
  for await (const text of curl.stdout.setEncoding('utf8')) {
    expect(String(text)).toMatch(/^id: .*Z\nevent: started\ndata: \{"at":/);
    break;
  }
  curl.kill();
});
