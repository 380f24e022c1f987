/** The outcome as one HTML page that needs nothing else: no script, no font, no picture from elsewhere. */
import type { Check, Comparison, InterruptionResult, Proof, Sample } from './proof.ts';
import { numberText } from './proof-text.ts';
import { clock, type PlotPoint, plotSvg } from './report-plot.ts';
import { pageStyle } from './report-style.ts';

export function reportPage(proof: Proof): string {
  const { messages, interruptions, samples, versions } = proof;
  const endMs = Math.max(proof.loadSeconds * 1_000, samples.at(-1)?.atMs ?? 0);
  const hits = interruptions.filter(({ work }) => work !== null).length;
  const verdict = proof.passed ? 'Everything holds' : 'Not everything holds';
  const figures = [
    ['sent', messages.sent],
    ['acknowledged', messages.acknowledged],
    ['stored', messages.stored],
    ['dead-lettered', messages.deadLettered],
    ['of hostile scripts', messages.hostile],
    ['lost', messages.lost],
    ['duplicate', messages.duplicate],
    ['requests sent again', messages.requestsSentAgain],
    ['interruptions', interruptions.length],
    ['hit work in flight', hits],
  ] as const;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Millrace proof, seed ${proof.seed}: ${verdict}</title>
<style>${pageStyle}</style>
<h1>${verdict}</h1>
<p>${escaped(proof.startedAt)}, ${clock(proof.loadSeconds * 1_000)} minutes of load, seed ${proof.seed}${plantedText(proof)}.
${Object.entries(versions)
  .map(([name, version]) => `${name} ${escaped(version)}`)
  .join(', ')}.</p>
<dl>${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${numberText(value)}</dd></div>`).join('')}</dl>
<h2>Messages per second</h2>
<p class="legend"><i class="acknowledged"></i>acknowledged <i class="stored"></i>stored <i class="kill"></i>killed <i class="freeze"></i>frozen; as wide as it lasted, until the stream went on</p>
${plotSvg({
  title: 'Messages per second',
  endMs,
  interruptions,
  series: [
    { name: 'acknowledged', className: 'acknowledged', points: rates(samples, ({ acknowledged }) => acknowledged) },
    { name: 'stored', className: 'stored', points: rates(samples, ({ stored }) => stored) },
  ],
})}
<h2>Lag: acknowledged and not stored yet</h2>
${plotSvg({ title: 'Lag in messages', endMs, interruptions, series: [{ name: 'lag', className: 'lag', points: lag(proof) }] })}
<h2>Checks</h2>
<table><tr><th></th><th>promise</th><th class="number">broken</th></tr>
${proof.checks.map(checkRow).join('\n')}
</table>
<h2>Made again from the raw bytes</h2>
<p>A fresh Kafka with a copy of the raw topic, a fresh parser and a fresh alarm evaluator. Records are compared without their repeats, in the order of each device, byte for byte.</p>
<table><tr><th>topic</th><th class="number">live</th><th class="number">replayed</th><th>SHA-256, live and replayed</th></tr>
${proof.replay.map(replayRow).join('\n')}
</table>
<h2>Interruptions</h2>
<table><tr><th class="number">at</th><th>what</th><th>work in flight</th><th class="number">back after</th></tr>
${interruptions.map(interruptionRow).join('\n')}
</table>
<h2>What became of the messages</h2>
<p>Over the whole run, counted in the records themselves: in = out + rejected (of former owners of connections) + dead-lettered + repeated + unexplained.</p>
${tableOf(['hop', 'in', 'out', 'rejected', 'deadLettered', 'repeated', 'unexplained', 'writtenAgain'], proof.balance)}
<p>As the services count it, each since its last start.</p>
${tableOf(['instance', 'hop', 'in', 'out', 'rejected', 'deadLettered', 'parked', 'repeated', 'inFlight', 'unexplained'], proof.hops)}
<p>Made by <code>./millrace prove</code>; with <code>--seed ${proof.seed}</code> the interruptions come in the same order again.</p>
</html>
`;
}

const plantedText = ({ planted }: Proof): string =>
  planted.length === 0 ? '' : `, planted: ${planted.map(escaped).join(', ')}`;

/** Between two samples that have a value. */
function rates(samples: readonly Sample[], countOf: (sample: Sample) => number | null): PlotPoint[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index]!;
    const [from, to] = [countOf(before), countOf(sample)];
    const seconds = (sample.atMs - before.atMs) / 1_000;
    return { atMs: sample.atMs, value: from === null || to === null ? null : Math.max(0, to - from) / seconds };
  });
}

/** Messages that became dead letters are never stored: they are left out by their share. */
function lag({ samples, messages }: Proof): PlotPoint[] {
  const share = messages.stored / Math.max(1, messages.stored + messages.deadLettered);
  return samples.map(({ atMs, acknowledged, stored }) => ({
    atMs,
    value: stored === null ? null : Math.max(0, Math.round(acknowledged * share) - stored),
  }));
}

function checkRow({ code, promise, violations, examples }: Check): string {
  const mark = violations === 0 ? '<td class="holds">✓</td>' : '<td class="broken">✗</td>';
  const shown = examples.map((example) => `<br><small>${escaped(example)}</small>`).join('');
  const what = `<td>${escaped(promise)} <small>${code}</small>${shown}</td>`;
  return `<tr>${mark}${what}<td class="number">${numberText(violations)}</td></tr>`;
}

function replayRow({ topic, live, replayed, liveHash, replayedHash }: Comparison): string {
  const hashes = `<code class="${liveHash === replayedHash ? 'holds' : 'broken'}">${liveHash}<br>${replayedHash}</code>`;
  return `<tr><td>${topic}</td><td class="number">${numberText(live)}</td><td class="number">${numberText(replayed)}</td><td>${hashes}</td></tr>`;
}

function interruptionRow({ atMs, victim, kind, frozenMs, work, backAfterMs }: InterruptionResult): string {
  const what = kind === 'kill' ? `kill -9 ${victim}` : `freeze ${victim} for ${(frozenMs / 1_000).toFixed(1)} s`;
  const back = backAfterMs === null ? 'not back' : `${(backAfterMs / 1_000).toFixed(1)} s`;
  return `<tr><td class="number">${clock(atMs)}</td><td><i class="${kind}"></i>${what}</td><td>${work ?? 'none found in time'}</td><td class="number">${back}</td></tr>`;
}

function tableOf<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  const title = (column: string): string => column.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const cell = (value: unknown): string =>
    typeof value === 'number' ? `<td class="number">${numberText(value)}</td>` : `<td>${escaped(String(value))}</td>`;
  const head = columns.map((column) => {
    const isNumber = typeof rows[0]?.[column] === 'number';
    return `<th${isNumber ? ' class="number"' : ''}>${title(column)}</th>`;
  });
  const body = rows.map((row) => `<tr>${columns.map((column) => cell(row[column])).join('')}</tr>`);
  return `<table><tr>${head.join('')}</tr>\n${body.join('\n')}\n</table>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
