import { expect, test } from 'vitest';
import type { Proof } from './proof.ts';
import { proofText } from './proof-text.ts';
import { reportPage } from './report-page.ts';

const sizeMax = 500_000;

/** Of a run of half an hour, with an interruption every six seconds. */
function longProof(changed: Partial<Proof> = {}): Proof {
  const seconds = 1_800;
  return {
    passed: true,
    seed: 7,
    planted: [],
    startedAt: '2026-01-02T03:04:05.000Z',
    loadSeconds: seconds,
    versions: { millrace: '1.2.3' },
    messages: {
      sent: 1_080_000,
      acknowledged: 1_080_000,
      requestsSentAgain: 9,
      stored: 1_062_000,
      deadLettered: 18_000,
      hostile: 0,
      lost: 0,
      duplicate: 0,
    },
    interruptions: Array.from({ length: seconds / 6 }, (_, index) => ({
      atMs: index * 6_000,
      victim: 'alarm-evaluator-1',
      kind: index % 2 === 0 ? ('kill' as const) : ('freeze' as const),
      frozenMs: index % 2 === 0 ? 0 : 3_000,
      work: '1,000 messages in it',
      backAfterMs: 700,
    })),
    checks: [{ code: 'duplicate', promise: 'No message is stored twice.', violations: 0, examples: [] }],
    balance: [
      {
        hop: 'points → rows',
        in: 3,
        out: 2,
        rejected: 0,
        deadLettered: 0,
        repeated: 1,
        unexplained: 0,
        writtenAgain: 0,
      },
    ],
    hops: [],
    replay: [],
    samples: Array.from({ length: seconds }, (_, index) => ({
      atMs: index * 1_000,
      acknowledged: index * 600,
      stored: index % 50 === 0 ? null : index * 590,
    })),
    ...changed,
  };
}

test('the page of half an hour is small and needs nothing from elsewhere', () => {
  const page = reportPage(longProof());
  expect(page.length).toBeLessThan(sizeMax);
  expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/);
});

test('a broken promise is shown with its examples, as text', () => {
  const check = { code: 'lost_in_parser', promise: 'All.', violations: 2, examples: ['<b>&"'] } as const;
  const broken = longProof({ passed: false, checks: [check] });
  expect(reportPage(broken)).toContain('&lt;b&gt;&amp;&quot;');
  const text = proofText(broken, { styled: (_, one) => one });
  expect(text).toContain('✗ All. lost_in_parser: 2\n    <b>&"');
  expect(text).toContain('Not everything holds');
});

test('an interruption that hit nothing, or from which nothing came back, says so', () => {
  const [one] = longProof().interruptions;
  const proof = longProof({ interruptions: [{ ...one!, work: null, backAfterMs: null }] });
  expect(proofText(proof, { styled: (_, text) => text })).toMatch(/not back +no work in flight/);
});
