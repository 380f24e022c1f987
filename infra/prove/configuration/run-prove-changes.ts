/** What `./millrace prove configuration` does with its options. */
import type { Terminal } from '../../cli/terminal.ts';
import { numberText } from '../proof-text.ts';
import { ChangeStack } from './change-stack.ts';
import { type ChangeProof, proveChanges, type Violation } from './prove-changes.ts';

export interface ChangeProofWishes {
  readonly changes: number;
  readonly seed: number;
  readonly json: boolean;
}

const promises: Readonly<Record<Violation, string>> = {
  lost: 'Every change that was acknowledged is on its topic.',
  refusedButPublished: 'No change that was refused is on it.',
  repeated: 'Each is there once.',
  outOfOrder: 'Those of one device are in the order in which they were made.',
  invented: 'Nothing is there that nobody asked for.',
  answeredOtherwise: 'A request that is sent again gets the answer of the first time.',
  nothingCutOff: 'Interruptions cut off requests.',
};

/** Exit code: 0 when everything holds. */
export async function runProveChanges(
  { changes, seed, json }: ChangeProofWishes,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const plane = await terminal.step('Starting Kafka, PostgreSQL and two instances of the api', () =>
    ChangeStack.start(),
  );
  try {
    const proof = await terminal.step(`Making ${numberText(changes)} changes`, (report) =>
      proveChanges(plane, { changes, seed, kinds: ['kill', 'freeze'] }, report, signal),
    );
    terminal.line(json ? JSON.stringify(proof) : changeProofText(proof, terminal));
    return proof.passed ? 0 : 1;
  } finally {
    await plane.stop();
  }
}

export function changeProofText(proof: ChangeProof, terminal: Pick<Terminal, 'styled'>): string {
  const line = (name: string, value: string): string => `  ${name.padEnd(28)}${value}`;
  const struck = Object.entries(proof.interruptions);
  const total = struck.reduce((sum, [, count]) => sum + count, 0);
  const byKind = struck.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => line(`  ${name}`, `${count}`));
  const checks = Object.entries(promises).map(([code, promise]) => {
    const count = proof.violations[code as Violation];
    return count === 0
      ? `${terminal.styled('green', '✓')} ${promise}`
      : `${terminal.styled('red', '✗')} ${promise} ${terminal.styled('red', `${code}: ${numberText(count)}`)}`;
  });
  return [
    '',
    line('acknowledged', `${numberText(proof.acknowledged)} in ${numberText(proof.seconds)} s`),
    line('refused, never answered', `${numberText(proof.refused)}, ${numberText(proof.unanswered)}`),
    line('requests cut off', numberText(proof.cutOff)),
    line('interruptions', numberText(total)),
    ...byKind,
    '',
    ...checks,
    ...proof.examples.map((example) => `    ${example}`),
    '',
    proof.passed
      ? terminal.styled('green', `Everything holds (seed ${proof.seed}).`)
      : terminal.styled('red', `Not everything holds (seed ${proof.seed}).`),
  ].join('\n');
}
