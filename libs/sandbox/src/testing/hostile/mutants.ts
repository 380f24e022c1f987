/** Attacks that nobody thought of: pieces of known ones, spliced, repeated, and with other literals. */
import fc from 'fast-check';
import { type Attack, type Corpus, type End, spoiling } from './attack.ts';
import { corpora } from './corpora.ts';

export interface Mutant {
  readonly corpus: Corpus;
  readonly attack: Attack;
}

type Tokens = readonly string[];
type Edit = (tokens: Tokens) => Tokens;

const anyEnd: readonly End[] = ['returned', 'threw', 'result', 'invalid', 'timeout', 'memory', 'killed'];
const literals = ['0', '-1', '1e308', '2147483648', '9007199254740993', '""', '"\\u0000"', 'input', 'attack'];
const repeatsMax = 200;
const editsMax = 4;

/** A place in any text, from 0 to 1. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

function mutantsOf(corpus: Corpus): fc.Arbitrary<Mutant> {
  const seed = fc.constantFrom(...corpus.attacks);
  const edit = fc.oneof(splice(corpus), repeat, swap);
  return fc.tuple(seed, fc.array(edit, { minLength: 1, maxLength: editsMax })).map(([{ name, source }, edits]) => {
    const mutated = edits.reduce((tokens, one) => one(tokens), tokensOf(source)).join('');
    return { corpus, attack: spoiling(`a mutant of ${name}`, anyEnd, mutated) };
  });
}

/** A range of one attack takes the place of a range of another. */
function splice({ attacks }: Corpus): fc.Arbitrary<Edit> {
  return fc.tuple(fc.constantFrom(...attacks), place, place, place, place).map(([other, a, b, c, d]) => (tokens) => {
    const [from, to] = rangeOf(tokens, a, b);
    const given = tokensOf(other.source);
    return [...tokens.slice(0, from), ...given.slice(...rangeOf(given, c, d)), ...tokens.slice(to)];
  });
}

const repeat: fc.Arbitrary<Edit> = fc
  .tuple(place, place, fc.integer({ min: 2, max: repeatsMax }))
  .map(([a, b, times]) => (tokens) => {
    const [from, to] = rangeOf(tokens, a, b);
    const repeated = Array.from({ length: times }, () => tokens.slice(from, to)).flat();
    return [...tokens.slice(0, from), ...repeated, ...tokens.slice(to)];
  });

const swap: fc.Arbitrary<Edit> = fc.tuple(place, fc.constantFrom(...literals)).map(([at, literal]) => (tokens) => {
  const found = [...tokens.keys()].filter((index) => /^(\d|["'])/.test(tokens[index]!));
  const chosen = found[Math.floor(at * found.length)];
  return tokens.map((token, index) => (index === chosen ? literal : token));
});

const tokensOf = (source: string): Tokens => source.match(/"[^"\n]*"|'[^'\n]*'|[\d.]+\w*|\w+|\s+|[^\w\s]/g) ?? [];

function rangeOf({ length }: Tokens, a: number, b: number): [number, number] {
  return [Math.floor(Math.min(a, b) * length), Math.floor(Math.max(a, b) * length)];
}

export const mutants: fc.Arbitrary<Mutant> = fc.oneof(...corpora.map(mutantsOf));
