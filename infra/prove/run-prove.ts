/** What `./millrace prove` does with its options. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Terminal } from '../cli/terminal.ts';
import { UserError } from '../stack/index.ts';
import { type PlantedBug, plantedBugs } from './planted-bugs.ts';
import type { Proof } from './proof.ts';
import { numberText, proofText } from './proof-text.ts';
import { prove } from './prove.ts';
import { reportPage } from './report-page.ts';

export interface ProveWishes {
  readonly minutes: number;
  readonly seed: number;
  readonly json: boolean;
  /** File of the page. */
  readonly report: string | undefined;
  /** Name of a planted bug, or `all`. */
  readonly planted: string | undefined;
}

/** Exit code: 0 when everything holds, or, with planted bugs, when each was found by the checks it was planted for. */
export async function runProve(wishes: ProveWishes, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (wishes.planted === 'all') return findAll(wishes, terminal, signal);
  const bug = wishes.planted === undefined ? undefined : bugOf(wishes.planted);
  const file = wishes.report === undefined ? undefined : resolve(wishes.report);
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  const proof = await prove(
    { seed: wishes.seed, until: { minutes: wishes.minutes }, planted: bug ? [bug] : [] },
    terminal,
    signal,
  );
  if (file !== undefined) writeFileSync(file, reportPage(proof));
  terminal.line(wishes.json ? JSON.stringify(proof) : proofText(proof, terminal));
  if (!bug) return proof.passed ? 0 : 1;
  terminal.note(
    `${bug.name} should be found by ${bug.findings.join(', ')} alone: ${isFound(bug, proof) ? 'it is' : 'it is not'}.`,
  );
  return isFound(bug, proof) ? 0 : 1;
}

/** Each alone, on a platform of its own. */
async function findAll({ seed, minutes, json }: ProveWishes, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const proofs: Proof[] = [];
  for (const bug of plantedBugs) {
    terminal.note(terminal.styled('bold', `\n${bug.name}: ${bug.bug}`));
    proofs.push(await prove({ seed, until: { minutes }, planted: [bug] }, terminal, signal));
  }
  terminal.line(json ? JSON.stringify(proofs) : foundTable(proofs));
  return plantedBugs.every((bug, index) => isFound(bug, proofs[index]!)) ? 0 : 1;
}

/** In Markdown: `docs/prove.md` shows it. */
function foundTable(proofs: readonly Proof[]): string {
  const rows = plantedBugs.map((bug, index) => {
    const proof = proofs[index]!;
    const findings = failedChecks(proof).map(({ code, violations }) => `\`${code}\` ${numberText(violations)}`);
    const cells = [`\`${bug.name}\``, bug.bug, isFound(bug, proof) ? 'yes' : '**no**', findings.join(', ')];
    return `| ${cells.join(' | ')} |`;
  });
  return ['', '| planted | bug | found as it should | checks that failed |', '|---|---|---|---|', ...rows].join('\n');
}

/** By all of its checks and no others. */
export function isFound({ findings }: Pick<PlantedBug, 'findings'>, proof: Pick<Proof, 'checks'>): boolean {
  const failed = failedChecks(proof).map(({ code }) => code);
  return failed.length === findings.length && findings.every((code) => failed.includes(code));
}

const failedChecks = ({ checks }: Pick<Proof, 'checks'>) => checks.filter(({ violations }) => violations > 0);

function bugOf(name: string): PlantedBug {
  const bug = plantedBugs.find((one) => one.name === name);
  if (bug) return bug;
  const names = plantedBugs.map((one) => one.name).join(', ');
  throw new UserError(`There is no planted bug ${name}; there are ${names}, and all.`, { exitCode: 2 });
}
