/** infra/Dockerfile as instructions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type Instruction, ModifiableInstruction } from 'dockerfile-ast';
import { root } from '../stack/service-launch.ts';

const dockerfile = DockerfileParser.parse(readFileSync(join(root, 'infra', 'Dockerfile'), 'utf8'));

export interface DockerInstruction {
  readonly keyword: string;
  /** Words without flags. */
  readonly words: readonly string[];
  /** Flags as `from=build`. */
  readonly flags: readonly string[];
}

export const instructions: readonly DockerInstruction[] = dockerfile.getInstructions().map(instructionOf);

/** Files and folders that are copied from the repository, and not from another stage. */
export const copiedPaths: readonly string[] = instructions
  .filter(({ keyword, flags }) => keyword === 'COPY' && !flags.some((flag) => flag.startsWith('from=')))
  .flatMap(({ words }) => words.slice(0, -1));

/** The variables of ours that every container of the image has. */
export function imageVariables(): Readonly<Record<string, string>> {
  const words = instructions.filter(({ keyword }) => keyword === 'ENV').flatMap((one) => one.words);
  const pairs = words.map((word) => word.split('=') as [string, string]);
  return Object.fromEntries(pairs.filter(([name]) => name.startsWith('MILLRACE_')));
}

function instructionOf(instruction: Instruction): DockerInstruction {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  return {
    keyword: instruction.getKeyword(),
    words: instruction.getArguments().map((one) => one.getValue()),
    flags: flags.map((flag) => `${flag.getName()}=${flag.getValue()}`),
  };
}
