/** Texts of `--help`. */
import { type Command } from './command.ts';
import { type Option } from './arguments.ts';
import { type Terminal } from './terminal.ts';

export function overview(commands: readonly Command[], terminal: Terminal): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Turns device bytes into stored points, alarms and notifications.',
    '',
    `${terminal.styled('bold', 'Usage')}  ./millrace <command> [options]`,
    '',
    ...commands.map(({ name, summary }) => `  ${terminal.styled('cyan', name.padEnd(width))}  ${summary}`),
    '',
    './millrace <command> --help shows the options of a command.',
  ].join('\n');
}

/** Of a command whose first word says what to do. */
export function verbsOverview(
  name: string,
  summary: string,
  verbs: Readonly<Record<string, { readonly summary: string }>>,
  terminal: Terminal,
): string {
  const width = Math.max(...Object.keys(verbs).map((verb) => verb.length));
  return [
    `${summary}.`,
    '',
    `${terminal.styled('bold', 'Usage')}  ./millrace ${name} <verb> [options]`,
    '',
    ...Object.entries(verbs).map(([verb, one]) => `  ${terminal.styled('cyan', verb.padEnd(width))}  ${one.summary}`),
    '',
    `./millrace ${name} <verb> --help shows the options of a verb.`,
  ].join('\n');
}

export function usage(
  { name, summary, positionals, options }: Pick<Command, 'name' | 'summary' | 'positionals' | 'options'>,
  terminal: Terminal,
): string {
  const rows = Object.entries(options).map(([option, spec]) => [synopsis(option, spec), spec.summary] as const);
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const places = positionals.map(
    (one) => (one.required ? `<${one.name}>` : `[${one.name}]`) + (one.repeated ? ' …' : ''),
  );
  return [
    `${summary}.`,
    '',
    `${terminal.styled('bold', 'Usage')}  ${['./millrace', name, ...places, ...(rows.length > 0 ? ['[options]'] : [])].join(' ')}`,
    ...(rows.length > 0 ? [''] : []),
    ...rows.map(([left, right]) => `  ${terminal.styled('cyan', left.padEnd(width))}  ${right}`),
  ].join('\n');
}

function synopsis(name: string, { placeholder }: Option): string {
  return placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;
}
