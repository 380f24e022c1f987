/** The outcome for a terminal. */
import type { Terminal } from '../cli/terminal.ts';
import type { Check, InterruptionResult, Proof } from './proof.ts';

export function proofText(proof: Proof, terminal: Pick<Terminal, 'styled'>): string {
  const { messages, interruptions, replay, checks } = proof;
  const line = (name: string, value: string): string => `  ${name.padEnd(28)}${value}`;
  const hits = interruptions.filter(({ work }) => work !== null).length;
  return [
    '',
    ...tableOf(interruptions),
    '',
    line('sent, acknowledged', `${numberText(messages.sent)}, ${numberText(messages.acknowledged)}`),
    line('requests sent again', numberText(messages.requestsSentAgain)),
    line('beside them, of hostile scripts', numberText(messages.hostile)),
    line('stored, dead-lettered', `${numberText(messages.stored)}, ${numberText(messages.deadLettered)}`),
    line('lost, duplicate', `${numberText(messages.lost)}, ${numberText(messages.duplicate)}`),
    line('interruptions', `${interruptions.length}, of which ${hits} hit work in flight`),
    ...replay.map(({ topic, live, liveHash, replayedHash }) =>
      line(topic, `${numberText(live)} · live ${liveHash.slice(0, 16)} · replayed ${replayedHash.slice(0, 16)}`),
    ),
    '',
    ...checks.flatMap((check) => checkLines(check, terminal)),
    '',
    proof.passed
      ? terminal.styled('green', `Everything holds (seed ${proof.seed}).`)
      : terminal.styled(
          'red',
          `Not everything holds; ./millrace prove --seed ${proof.seed} interrupts in the same order.`,
        ),
  ].join('\n');
}

export const numberText = (value: number): string => value.toLocaleString('en-US');

function tableOf(interruptions: readonly InterruptionResult[]): string[] {
  const rows = interruptions.map(({ atMs, victim, kind, frozenMs, work, backAfterMs }) => [
    `${(atMs / 1_000).toFixed(0)} s`.padStart(7),
    (kind === 'freeze' ? `freeze ${(frozenMs / 1_000).toFixed(1)} s` : 'kill').padEnd(13),
    victim.padEnd(20),
    (backAfterMs === null ? 'not back' : `back after ${(backAfterMs / 1_000).toFixed(1)} s`).padEnd(20),
    work ?? 'no work in flight',
  ]);
  return rows.map((cells) => cells.join('  '));
}

function checkLines({ code, promise, violations, examples }: Check, terminal: Pick<Terminal, 'styled'>): string[] {
  if (violations === 0) return [`${terminal.styled('green', '✓')} ${promise}`];
  return [
    `${terminal.styled('red', '✗')} ${promise} ${terminal.styled('red', `${code}: ${numberText(violations)}`)}`,
    ...examples.map((example) => `    ${example}`),
  ];
}
