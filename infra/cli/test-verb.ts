/** `scripts test DIR`: runs codecs with the vectors that lie beside them, as their vendors publish them. */
import { relative } from 'node:path';
import { UserError } from '../stack/user-error.ts';
import { defineLocalVerb } from './noun.ts';
import { inSandbox } from './script-run.ts';
import { plainText } from './table.ts';
import { type Terminal } from './terminal.ts';
import type { VectorResult } from './vectors/run-vectors.ts';
import { installPackages } from './workspace.ts';

const differencesShownMax = 5;

export const testVerb = defineLocalVerb({
  summary:
    'Runs codecs with the vectors beside them: samples of ours, chirpstack-device-profiles and lorawan-devices as they are',
  positionals: [{ name: 'dir', required: true }],
  tenants: 'none',
  options: {},
  async run({ options: { json }, positionals: [dir = ''] }, { terminal, signal }) {
    await installPackages(terminal, signal);
    const results = await testFolder(dir, terminal, signal);
    if (results.length === 0)
      throw new UserError(
        `${dir} has no codec with vectors: docs/scripts/vendor-codecs.md says where they are looked for.`,
      );
    if (json) for (const result of results) terminal.line(JSON.stringify(result));
    else showResults(results, dir, terminal);
    return results.every(({ passed }) => passed) ? 0 : 1;
  },
});

async function testFolder(dir: string, terminal: Terminal, signal: AbortSignal): Promise<readonly VectorResult[]> {
  const { findCodecs } = await import('./vectors/find-codecs.ts');
  const { literalReader, runCodec } = await import('./vectors/run-vectors.ts');
  return inSandbox((sandbox) =>
    terminal.step(`Testing the codecs of ${dir}`, async (report) => {
      const codecs = await findCodecs(dir, literalReader(sandbox), signal);
      const results: VectorResult[] = [];
      for (const [at, codec] of codecs.entries()) {
        report(`${at} of ${codecs.length}, ${results.length} vectors`);
        results.push(...(await runCodec(sandbox, codec, signal)));
      }
      return results;
    }),
  );
}

/** What failed, each with why, and how many there were. */
function showResults(results: readonly VectorResult[], dir: string, terminal: Terminal): void {
  const failed = results.filter(({ passed }) => !passed);
  for (const result of failed) showFailed(result, dir, terminal);
  const codecs = new Set(results.map(({ codec }) => codec));
  const broken = new Set(failed.map(({ codec }) => codec));
  const counts = [
    terminal.styled('green', `${results.length - failed.length} passed`),
    ...(failed.length > 0
      ? [terminal.styled('red', `${failed.length} failed in ${counted(broken.size, 'codec')}`)]
      : []),
  ];
  terminal.line(`${counted(codecs.size, 'codec')}, ${counted(results.length, 'vector')}: ${counts.join(', ')}`);
}

function showFailed(
  { codec, vector, function: of, failure, differences }: VectorResult,
  dir: string,
  terminal: Terminal,
): void {
  const file = failure?.line == null ? relative(dir, codec) : `${relative(dir, codec)}:${failure.line}`;
  terminal.line(
    `${terminal.styled('red', '✗')} ${terminal.styled('bold', plainText(file))} ${plainText(vector)} ${terminal.styled('dim', of)}`.trimEnd(),
  );
  if (failure) terminal.line(`    ${plainText(failure.detail)} ${terminal.styled('dim', failure.code)}`);
  for (const difference of differences.slice(0, differencesShownMax)) terminal.line(`    ${plainText(difference)}`);
  const more = differences.length - differencesShownMax;
  if (more > 0) terminal.line(terminal.styled('dim', `    and ${more} more`));
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}
