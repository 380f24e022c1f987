/** What every script language promises. A member gives the same programs in its own words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Evaluation, evaluateInputs, type FunctionCall, Sandbox, ScriptFailure, type Script } from '../index.ts';
import type { ScriptUsage } from '../executor.ts';

export interface LanguagePrograms {
  readonly language: string;
  /** Returns `{data: {sum, port, seconds, name, wanted}}`: of the bytes; fPort; recvTime in seconds; variables.name and .desired.mode. */
  readonly echo: string;
  /** Throws `bad frame` in line 3 when the first byte is 1, else returns `{data: {first}}`. */
  readonly throws: string;
  /** Does not parse, because of line 2. */
  readonly wrongSyntax: string;
  /** Throws while it loads, in line 2. */
  readonly throwsAtTop: string;
  /** For ever when the first byte is 1, else `{data: {first}}`. */
  readonly loops: string;
  readonly loopsAtTop: string;
  /** Allocates without end when the first byte is 1, else `{data: {first}}`. */
  readonly hoards: string;
  /** Calls itself without end. */
  readonly recurses: string;
  /** Returns `{data: {nan, infinite, big, text, list, nested}}`: NaN, -∞, 2^60, `é€😀`, [1, 2, 3], {a: {b: true}}. */
  readonly values: string;
  /** Prints `first 7` for a first byte of 7, and returns `{data: {}}`. */
  readonly prints: string;
  /** Returns a function. */
  readonly returnsFunction: string;
  /** No `decodeUplink`. */
  readonly empty: string;
  /** `evaluate`: the mean of the values of the input `t`. */
  readonly mean: string;
  /** Sets a global and returns `{data: {seen}}`: what it had before, or 0. */
  readonly remembers: string;
}

const recvTimeMs = Date.UTC(2026, 0, 2, 3, 4, 5, 250);

export function testLanguage(programs: LanguagePrograms): void {
  const { language } = programs;
  describe(`scripts in ${language}`, () => {
    const sandbox = new Sandbox({ limits: { callMs: 200 } });
    let scripts = 0;
    const scriptOf = (source: string): Script => ({ name: `t/s${(scripts += 1)}@1`, tenant: 't', language, source });

    async function decode(
      source: string | Script,
      payloads: readonly (readonly number[])[],
      more: Partial<FunctionCall> = {},
    ) {
      const script = typeof source === 'string' ? scriptOf(source) : source;
      const variables = { name: 'pump', desired: { mode: 'eco' } };
      const inputs = {
        count: payloads.length,
        columns: [
          { name: 'bytes', kind: 'bytes', values: payloads.map((bytes) => Uint8Array.from(bytes)) },
          { name: 'fPort', kind: 'number', values: payloads.map((_, index) => (index === 1 ? undefined : 5)) },
          { name: 'recvTime', kind: 'time', values: payloads.map(() => recvTimeMs) },
          { name: 'variables', kind: 'shared', values: payloads.map(() => variables) },
        ],
      } as const;
      const [outcomes = []] = await sandbox.call([{ script, functionName: 'decodeUplink', inputs, ...more }]);
      return outcomes.map((outcome) => ('returned' in outcome ? outcome.returned : outcome));
    }
    const failure = (code: string, rest: object = {}): unknown => expect.objectContaining({ code, ...rest });

    beforeAll(() => sandbox.start());
    afterAll(() => sandbox.close());

    test('a function is called once per input and sees what it was given', async () => {
      const [first, second, third] = (await decode(programs.echo, [[1, 2], [], [0, 255, 128]])) as { data: object }[];
      const rest = { seconds: recvTimeMs / 1_000, name: 'pump', wanted: 'eco' };
      expect(first).toEqual({ data: { sum: 3, port: 5, ...rest } });
      expect(second?.data).toMatchObject({ sum: 0, ...rest });
      expect(second!.data).not.toHaveProperty('port', 5);
      expect(third).toEqual({ data: { sum: 383, port: 5, ...rest } });
    });

    test('a batch of a thousand comes back in order', async () => {
      const payloads = Array.from({ length: 1_000 }, (_, index) => [index & 0xff, index >> 8]);
      const sums = (await decode(programs.echo, payloads)) as { data: { sum: number } }[];
      expect(sums.map(({ data }) => data.sum)).toEqual(payloads.map(([low = 0, high = 0]) => low + high));
    });

    test('what it throws names its line, and costs its own message', async () => {
      const thrown = failure('script_threw', { detail: expect.stringMatching(/bad frame$/), line: 3 });
      expect(await decode(programs.throws, [[0], [1], [2]])).toEqual([
        { data: { first: 0 } },
        thrown,
        { data: { first: 2 } },
      ]);
    });

    test.each([
      ['does not parse', programs.wrongSyntax, { line: 2 }],
      ['throws while it loads', programs.throwsAtTop, { line: 2 }],
      ['has no such function', programs.empty, { detail: 'The script has no function decodeUplink.' }],
    ])('a script that %s is invalid', async (_what, source, rest) => {
      expect(await decode(source, [[0], [1]])).toEqual([
        failure('script_invalid', rest),
        failure('script_invalid', rest),
      ]);
    });

    test('a message that loops costs itself', async () => {
      const expected = [{ data: { first: 0 } }, failure('script_timeout'), { data: { first: 2 } }];
      expect(await decode(programs.loops, [[0], [1], [2]])).toEqual(expected);
    });

    test('a script that loops while it loads is stopped', async () => {
      expect(await decode(programs.loopsAtTop, [[0]])).toEqual([failure('script_timeout')]);
    });

    test('a message that takes all memory costs itself', async () => {
      const stopped = failure(expect.stringMatching(/^script_(memory|timeout|killed)$/) as unknown as string);
      const [first, second, third] = await decode(programs.hoards, [[0], [1], [2]]);
      expect([first, third]).toEqual([{ data: { first: 0 } }, { data: { first: 2 } }]);
      expect(second).toEqual(stopped);
    });

    test('a recursion without end is an error', async () => {
      const [outcome] = await decode(programs.recurses, [[0]]);
      expect((outcome as ScriptFailure).code).toMatch(/^script_(threw|memory)$/);
    });

    test('values cross as they are; NaN and infinities are told from null, big integers become text', async () => {
      const data = {
        nan: { '\0': 'NaN' },
        infinite: { '\0': '-Infinity' },
        big: '1152921504606846976',
        text: 'é€😀',
        list: [1, 2, 3],
        nested: { a: { b: true } },
      };
      expect(await decode(programs.values, [[0]])).toEqual([{ data }]);
    });

    test('what cannot be data costs its own message', async () => {
      const [outcome] = await decode(programs.returnsFunction, [[0]]);
      expect(outcome instanceof ScriptFailure ? outcome.code : outcome).toBe('script_result');
    });

    test('what it prints comes with the outcome of its message where it is asked for, and with its memory', async () => {
      const usages: ScriptUsage[] = [];
      const more = { logs: true, onUsage: (usage: ScriptUsage) => void usages.push(usage) };
      const [outcomes = []] = await sandbox.call([
        {
          script: scriptOf(programs.prints),
          functionName: 'decodeUplink',
          inputs: {
            count: 2,
            columns: [{ name: 'bytes', kind: 'bytes', values: [Uint8Array.of(7), Uint8Array.of(8)] }],
          },
          ...more,
        },
      ]);
      expect(outcomes.map(({ logs }) => logs?.map((line) => line.replace('\t', ' ')))).toEqual([
        ['first 7'],
        ['first 8'],
      ]);
      expect(usages).toEqual([{ cpuMs: expect.any(Number), heapBytes: expect.any(Number) }]);
      expect(usages[0]!.heapBytes).toBeGreaterThan(100_000);
      expect(await decode(programs.prints, [[7]])).toEqual([{ data: {} }]);
    });

    test('statistics call evaluate with points by name', async () => {
      const input = {
        device: { uid: 'd', name: '', attributes: {} },
        fromMs: 0,
        toMs: 60_000,
        inputs: {
          t: [
            [1_000, 1, 0],
            [2_000, 4, 0],
          ] as const,
        },
      };
      const [mean] = await evaluateInputs(sandbox, scriptOf(programs.mean), [input]);
      expect((mean as Evaluation).values).toEqual([{ name: 'value', value: 2.5 }]);
    });

    test('two scripts share nothing', async () => {
      const one = scriptOf(programs.remembers);
      const other = scriptOf(programs.remembers);
      await decode(one, [[1]]);
      expect(await decode(other, [[1]])).toEqual([{ data: { seen: 0 } }]);
    });
  });
}
