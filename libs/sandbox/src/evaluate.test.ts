import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateInputs, type EvaluationInput } from './evaluate.ts';
import { Sandbox } from './sandbox.ts';
import { script } from './testing/outcomes.ts';

const sandbox = new Sandbox();

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

const device = { uid: 'oven-1', name: 'Oven', attributes: { line: 'north' } };
const window: EvaluationInput = {
  device,
  fromMs: Date.parse('2026-11-21T12:00:00Z'),
  toMs: Date.parse('2026-11-21T13:00:00Z'),
  inputs: {
    temperature: [
      [1_000, 20.5, 0],
      [2_000, null, 2],
    ],
    state: [[1_500, 'on', 0]],
  },
};
const evaluated = async (source: string, ...inputs: readonly EvaluationInput[]) =>
  evaluateInputs(sandbox, script(source), inputs.length === 0 ? [window] : inputs);

test('a script sees the device, the window and the points of each input with Dates', async () => {
  const seen = `function evaluate({ device, from, to, inputs }) {
    const [first, second] = inputs.temperature;
    return {
      device: device.uid + device.name + device.attributes.line,
      window: (to - from) / 60000 + ' from ' + from.toISOString(),
      first: first.time.getTime() + first.value,
      second: second.value + ' ' + second.quality,
      state: inputs.state.map(({ time, value }) => time.getTime() + value).join(),
    };
  }`;
  const values = [
    { name: 'device', value: 'oven-1Ovennorth' },
    { name: 'window', value: '60 from 2026-11-21T12:00:00.000Z' },
    { name: 'first', value: 1020.5 },
    { name: 'second', value: 'null 2' },
    { name: 'state', value: '1500on' },
  ];
  expect(await evaluated(seen)).toEqual([{ values, warnings: [] }]);
});

test('each window of a batch has its own points', async () => {
  const last = { ...window, inputs: { temperature: [[3_000, 7, 0]], state: [] } } as const;
  const count = 'const evaluate = ({ inputs }) => inputs.temperature.length + inputs.state.length / 10;';
  expect(await evaluated(count, window, last)).toEqual(
    [2.1, 1].map((value) => ({ values: [{ name: 'value', value }], warnings: [] })),
  );
});

test.each([
  ['a number', '1.5', [{ name: 'value', value: 1.5 }], []],
  ['nothing to say', 'null', [{ name: 'value', value: null }], []],
  ['no number', '0 / 0', [{ name: 'value', value: null }], ['value is NaN; stored as null.']],
  [
    'values by name',
    '({ a: { b: 1 }, c: true })',
    [
      { name: 'a.b', value: 1 },
      { name: 'c', value: true },
    ],
    [],
  ],
])('%s is a result', async (_name, expression, values, warnings) => {
  expect(await evaluated(`const evaluate = () => ${expression};`)).toEqual([{ values, warnings }]);
});

test.each([
  ['an array', '[1, 2]', 'script_result'],
  ['nothing at all', 'undefined', 'script_result'],
  ['a name twice', "({ 'a.b': 1, a: { b: 2 } })", 'script_result'],
  ['an error', '(() => { throw new Error("no"); })()', 'script_threw'],
])('%s is a failure', async (_name, expression, code) => {
  expect(await evaluated(`const evaluate = () => ${expression};`)).toMatchObject([{ code }]);
});

test('an input reaches no prototype by its name', async () => {
  const inputs = JSON.parse('{ "__proto__": [[1000, 1, 0]] }') as EvaluationInput['inputs'];
  const own = 'const evaluate = ({ inputs }) => Object.keys(inputs).length + inputs.__proto__.length;';
  expect(await evaluated(own, { ...window, inputs })).toMatchObject([{ values: [{ value: 2 }] }]);
});
