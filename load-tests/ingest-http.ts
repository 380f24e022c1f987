/**
 * Devices send over HTTP, at a rate that does not wait for the answers; then the run asks QuestDB and the platform's
 * accounting what became of every message, and fails when one is lost, stored twice or not explained. See README.md.
 */
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { sleep } from 'k6';
import { checkAccounting, readAccounting, type AccountingSum } from './accounting.ts';
import { deviceOf, frameOf, numberOf, timeOf } from './messages.ts';
import { arrivals, receiptMsMax, usersOf } from './profiles.ts';
import { readSettings } from './settings.ts';
import { awaitStored, readable } from './stored-messages.ts';
import { report, reportText, type SummaryData } from './summary.ts';

const settings = readSettings(__ENV);
const { seconds, ...rate } = arrivals(settings);
const receipt = receiptMsMax(settings.profile);

const sent = new Counter('messages_sent');
const unconfirmed = new Counter('messages_unconfirmed');
const lost = new Counter('messages_lost');
const duplicate = new Counter('messages_duplicate');
const unexplained = new Counter('messages_unexplained');
/** 1 when the check came to its end: a check that could not be made must not look like a check that passed. */
const verified = new Counter('runs_verified');

/** A request without a receipt is sent again, as a device would, and is given up after this long. */
const attemptsMax = 20;
const retrySeconds = 0.5;
const givenUpSeconds = 60;
/** The longest a check takes while rows go on to come. */
const checkMinutesMax = 30;

const users = usersOf(settings);

export const options: Options = {
  scenarios: {
    ingest: {
      executor: 'ramping-arrival-rate',
      exec: 'ingest',
      ...rate,
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: `${givenUpSeconds}s`,
    },
    verify: {
      executor: 'per-vu-iterations',
      exec: 'verify',
      vus: 1,
      iterations: 1,
      startTime: `${seconds}s`,
      maxDuration: `${checkMinutesMax}m`,
    },
  },
  thresholds: {
    'http_req_duration{scenario:ingest}': [`p(95)<${receipt.p95}`, `p(99)<${receipt.p99}`],
    'http_req_failed{scenario:ingest}': ['rate<0.001'],
    dropped_iterations: ['count==0'],
    messages_unconfirmed: ['count==0'],
    messages_lost: ['count==0'],
    messages_duplicate: ['count==0'],
    messages_unexplained: ['count==0'],
    runs_verified: ['count==1'],
  },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  setupTimeout: '30s',
  userAgent: 'millrace-load-tests',
};

interface Before {
  /** ISO 8601: rows of this run are younger. */
  readonly startedAt: string;
  readonly accounting: AccountingSum;
}

/** Refuses a run that could not be checked, before it sends anything. */
export function setup(): Before {
  const answer = post('{"messages":[]}');
  // An empty batch is refused for being empty, but only after the key was looked at.
  if (answer.status !== 400) throw new Error(`The gateway does not take API_KEY: ${problemOf(answer)}`);
  if (!readable(settings))
    throw new Error(`QuestDB at ${settings.questdbUrl} has no readable table ${settings.table}.`);
  return { startedAt: new Date().toISOString(), accounting: readAccounting(settings) };
}

/** One request of many messages; it ends with its receipt. */
export function ingest(): void {
  const body = requestBody(exec.scenario.iterationInTest);
  sent.add(settings.messagesPerRequest);
  const giveUpMs = Date.now() + givenUpSeconds * 1_000;
  for (let attempt = 1; attempt <= attemptsMax && Date.now() < giveUpMs; attempt += 1) {
    const answer = post(body);
    if (answer.status === 200) return;
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429)
      exec.test.abort(`the gateway refuses the messages: ${problemOf(answer)}`);
    sleep(retrySeconds);
  }
  unconfirmed.add(settings.messagesPerRequest);
}

/** Every message that was sent is stored once, and every hop of the platform explains its messages. */
export function verify(before: Before): void {
  awaitReceipts();
  const { iterationsCompleted, iterationsInterrupted } = exec.instance;
  unconfirmed.add(iterationsInterrupted * settings.messagesPerRequest);
  const stored = awaitStored(settings, before.startedAt, iterationsCompleted * settings.messagesPerRequest);
  lost.add(stored.lost);
  duplicate.add(stored.duplicate);
  unexplained.add(checkAccounting(settings, before.accounting));
  verified.add(1);
}

/** Requests that were on their way at the end of the load still wait for theirs; this user is the only other one that is busy. */
function awaitReceipts(): void {
  let completed: number;
  do {
    completed = exec.instance.iterationsCompleted;
    sleep(1);
  } while (exec.instance.vusActive > 1 || exec.instance.iterationsCompleted > completed);
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const result = report(data, settings);
  const json = `${JSON.stringify(result, null, 2)}\n`;
  const text = reportText(result);
  return {
    stdout: settings.format === 'json' ? json : text,
    [`${settings.results}.json`]: json,
    [`${settings.results}.txt`]: text,
  };
}

function requestBody(request: number): string {
  const { messagesPerRequest, devices } = settings;
  const time = timeOf(Date.now(), request);
  const messages: string[] = [];
  for (let index = 0; index < messagesPerRequest; index += 1) {
    const number = numberOf(request, index, messagesPerRequest);
    const payload = encoding.b64encode(frameOf(number));
    messages.push(`{"device":"${deviceOf(number, devices)}","time":"${time}","payload":"${payload}"}`);
  }
  return `{"messages":[${messages.join(',')}]}`;
}

function post(body: string): ReturnType<typeof http.post> {
  return http.post(`${settings.gatewayUrl}/v1/messages/batch`, body, {
    headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' },
    timeout: '30s',
  });
}

/** RFC 9457 where the answer is one. */
function problemOf({ status, body, error }: ReturnType<typeof http.post>): string {
  return `${status} ${error || (typeof body === 'string' ? body.slice(0, 500) : '')}`;
}
