/**
 * Promise: kill or freeze any process under load, and every acknowledged message is stored once, in order, and everything
 * can be made again from the raw bytes. And the proof is one: it finds the bugs that are planted for it.
 */
import { expect, test } from 'vitest';
import type { ProveSteps } from './course.ts';
import { plantedBugs } from './planted-bugs.ts';
import type { Check } from './proof.ts';
import { prove } from './prove.ts';

const seed = 7;
const never = new AbortController().signal;
const steps: ProveSteps = { step: (_title, work) => work(() => {}) };
const broken = (checks: readonly Check[]): readonly Check[] => checks.filter(({ violations }) => violations > 0);

test('every process is interrupted with work in flight, and everything holds', async () => {
  const proof = await prove({ seed, until: { rounds: 1 }, planted: [] }, steps, never);
  const { messages, interruptions } = proof;
  const hits = interruptions.filter(({ work }) => work !== null);
  console.log(`${messages.acknowledged} acknowledged, ${hits.length} of ${interruptions.length} hit work in flight`);
  expect(broken(proof.checks)).toEqual([]);
  expect(messages.acknowledged).toBeGreaterThan(5_000);
  expect(messages.hostile).toBeGreaterThan(100);
  expect(hits.length).toBeGreaterThan(interruptions.length / 2);
}, 480_000);

/** All at once, because a platform for each takes five minutes; each alone is `./millrace prove --planted all`. */
test('planted bugs are found, each by its own checks', async () => {
  const proof = await prove({ seed, until: { rounds: 1 }, planted: plantedBugs }, steps, never);
  const found = broken(proof.checks).map(({ code }) => code);
  expect(new Set(found)).toEqual(new Set(plantedBugs.flatMap(({ findings }) => findings)));
}, 480_000);
