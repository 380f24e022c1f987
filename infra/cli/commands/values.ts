/** Values of devices. */
import { defineNoun, defineVerb } from '../noun.ts';
import { cellOf, tableLines } from '../table.ts';

interface Point {
  readonly time: string;
  readonly value: unknown;
  readonly quality: number;
}

interface Latest {
  readonly devices: readonly { readonly device: string; readonly signals: Readonly<Record<string, Point>> }[];
}

interface Points {
  readonly points: readonly Point[];
  /** False: there are more. */
  readonly complete: boolean;
}

export const data = defineNoun('data', 'Values of devices', {
  latest: defineVerb({
    summary: 'Shows the latest value of every signal of devices',
    positionals: [{ name: 'device', required: true, repeated: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals }, { api, terminal, signal }) {
      const uids = positionals.map(encodeURIComponent).join();
      const { devices } = await api.get<Latest>(`/v1/latest?devices=${uids}`, signal);
      const points = devices.flatMap(({ device, signals }) =>
        Object.entries(signals).map(([name, point]) => ({ device, signal: name, ...point })),
      );
      if (json) for (const point of points) terminal.line(JSON.stringify(point));
      else {
        const rows = points.map((point) => [point.device, point.signal, cellOf(point.value), point.time]);
        for (const line of tableLines(['device', 'signal', 'value', 'time'], rows, terminal)) terminal.line(line);
      }
      const absent = positionals.filter((uid) => !devices.some(({ device }) => device === uid));
      if (absent.length > 0) terminal.note(`There is no device ${absent.join(', ')}.`);
      return absent.length > 0 ? 1 : 0;
    },
  }),
  points: defineVerb({
    summary: 'Shows points of one signal over a range of time',
    positionals: [
      { name: 'device', required: true },
      { name: 'signal', required: true },
    ],
    tenants: 'one',
    options: {
      from: { kind: 'text', placeholder: 'TIME', summary: 'inclusive, ISO 8601 (an hour before --to)' },
      to: { kind: 'text', placeholder: 'TIME', summary: 'exclusive, ISO 8601 (now)' },
      limit: { kind: 'count', placeholder: 'N', summary: 'at most N (1000)' },
    },
    async run({ options, positionals: [device = '', name = ''] }, { api, terminal, signal }) {
      const { from, to, limit, json } = options;
      const query = new URLSearchParams();
      for (const [parameter, value] of Object.entries({ from, to, limit }))
        if (value !== undefined) query.set(parameter, String(value));
      const path = `/v1/devices/${encodeURIComponent(device)}/signals/${encodeURIComponent(name)}/points`;
      const { points, complete } = await api.get<Points>(`${path}?${query.toString()}`, signal);
      if (json) for (const point of points) terminal.line(JSON.stringify(point));
      else {
        const rows = points.map((point) => [point.time, cellOf(point.value), String(point.quality)]);
        for (const line of tableLines(['time', 'value', 'quality'], rows, terminal)) terminal.line(line);
      }
      if (!complete) terminal.note('There are more in this time; --limit N shows N of them.');
      return 0;
    },
  }),
});
