/** `scripts run FILE`: tries a script on this machine, with messages that are given or its own samples. */
import type { UplinkSample } from '@millrace/sandbox';
import { UserError } from '../stack/user-error.ts';
import { defineLocalVerb } from './noun.ts';
import { bytesOf, checkedJson, samplesBeside, scriptIn } from './script-file.ts';
import { inSandbox, isWrong, reportOfRun, showRun } from './script-run.ts';
import { installPackages } from './workspace.ts';

interface MessageOptions {
  readonly encoding: UplinkSample['encoding'];
  readonly port: number | undefined;
  readonly time: string | undefined;
}

export const runVerb = defineLocalVerb({
  summary:
    'Tries a script on this machine, without an api: rows, warnings, logs, errors with their line, time and memory',
  positionals: [{ name: 'file', required: true }],
  tenants: 'none',
  options: {
    sample: {
      kind: 'texts',
      placeholder: 'HEX|@FILE|FILE.json',
      summary: 'a payload, a file that holds one (@- is the input), or a file of samples; may be given several times',
    },
    base64: { kind: 'flag', summary: 'payloads are base64' },
    text: { kind: 'flag', summary: 'payloads are text' },
    port: { kind: 'count', placeholder: 'N', summary: 'fPort of the payloads' },
    time: { kind: 'text', placeholder: 'TIME', summary: 'when the payloads were received, ISO 8601 (now)' },
  },
  async run({ options, positionals: [file = ''] }, { terminal, signal }) {
    await installPackages(terminal, signal);
    const script = scriptIn(file);
    const samples = await samplesOf(file, options);
    const of = { name: `local/${file}@1`, tenant: 'local', ...script };
    const report = await inSandbox((sandbox) => reportOfRun(sandbox, of, samples, signal));
    if (options.json) terminal.line(JSON.stringify(report));
    else showRun(report, script.source, terminal);
    return report.results.some(isWrong) ? 1 : 0;
  },
});

interface SampleOptions {
  readonly sample: readonly string[];
  readonly base64: boolean;
  readonly text: boolean;
  readonly port: number | undefined;
  readonly time: string | undefined;
}

async function samplesOf(
  file: string,
  { sample, base64, text, port, time }: SampleOptions,
): Promise<readonly UplinkSample[]> {
  if (base64 && text) throw new UserError('Give --base64 or --text, not both.', { exitCode: 2 });
  if (time !== undefined && Number.isNaN(Date.parse(time)))
    throw new UserError(`--time needs a time such as 2026-03-01T12:00:00Z, not ${time}.`, { exitCode: 2 });
  const beside = samplesBeside(file);
  const given = sample.length === 0 && beside !== undefined ? [beside] : sample;
  if (given.length === 0)
    throw new UserError(`Give a payload, for example --sample 0a1b2c, or samples in ${file}.samples.json.`, {
      exitCode: 2,
    });
  const options: MessageOptions = { encoding: base64 ? 'base64' : text ? 'text' : 'hex', port, time };
  const read = await Promise.all(given.map((one) => samplesIn(one, options)));
  return read.flat();
}

/** One payload, or all samples of a file. */
async function samplesIn(word: string, options: MessageOptions): Promise<readonly UplinkSample[]> {
  if (word.startsWith('@')) return [messageOf(word, bytesOf(word.slice(1)).toString('base64'), 'base64', options)];
  if (!word.endsWith('.json')) return [messageOf(word, payloadIn(word, options.encoding), options.encoding, options)];
  const { scriptTrials } = await import('@millrace/config');
  const trials = checkedJson(scriptTrials, word);
  return trials.map(({ name, ...rest }, index) => ({ ...rest, name: name || `sample ${index + 1}` }) as UplinkSample);
}

/** As people paste it: `0x`, blanks and colons between the bytes. */
function payloadIn(word: string, encoding: UplinkSample['encoding']): string {
  if (encoding === 'text') return word;
  if (encoding === 'base64') return Buffer.from(word, 'base64').toString('base64');
  const digits = word.replaceAll(/0x|[\s:,-]/gi, '');
  if (/^(?:[0-9a-f]{2})*$/i.test(digits)) return digits;
  throw new UserError(`${word} is not hexadecimal: two digits a byte. --base64 and --text take other payloads.`, {
    exitCode: 2,
  });
}

const nameCharsMax = 60;

function messageOf(
  word: string,
  payload: string,
  encoding: UplinkSample['encoding'],
  { port, time }: MessageOptions,
): UplinkSample {
  return {
    name: word.length > nameCharsMax ? `${word.slice(0, nameCharsMax)}…` : word,
    payload,
    encoding,
    attributes: port === undefined ? {} : { fPort: String(port) },
    variables: {},
    time: new Date(time ?? Date.now()).toISOString(),
  };
}
