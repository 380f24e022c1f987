import { ManualClock } from '@millrace/testkit';
import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Channel, ChannelFactory } from './channel.ts';
import { isPaced } from './channel.ts';
import { type ReceiverMood, testChannel } from './channel.suite.ts';
import { startDingtalk } from './dingtalk.channel.ts';
import { systemClock } from '@millrace/kernel';
import { DingtalkRobot, type RobotMessage } from './testing/dingtalk-robot.ts';

const never = new AbortController().signal;

/** What a person reads in the group, taken apart again. */
function readerOf({ markdown: { title, text }, at: { atMobiles, isAtAll } }: RobotMessage) {
  const [, heading = '', body = '', identity = '', called] =
    /^#### (.*)\n\n([\s\S]*)\n\n> (\S+)(?: @(\S+))?$/.exec(text) ?? [];
  expect(heading).not.toBe('');
  expect(called).toBe(atMobiles[0]);
  return { identity, recipients: isAtAll ? ['all'] : atMobiles, subject: title, body };
}

testChannel('dingtalk', async () => {
  const robot = new DingtalkRobot();
  robot.messagesPerMinuteMax = Infinity;
  await robot.listen();
  const patience = { connectionsMax: 16, callMsMax: 10_000, messagesPerMinuteMax: 1_000 };
  // Whoever was told that it is too often waits a minute: the suite's receiver refuses for another reason.
  const answers: Readonly<Record<ReceiverMood, DingtalkRobot['answer']>> = {
    takes: undefined,
    hangs: undefined,
    'refuses for now': { errcode: -1, errmsg: 'system busy' },
    'refuses for ever': { errcode: 40_035, errmsg: 'invalid parameter' },
  };
  const environment = { MILLRACE_OUTBOUND_ALLOWED: [`127.0.0.1:${robot.port}`] };
  const patient = startDingtalk(environment, patience, systemClock);
  const impatient = startDingtalk(environment, { ...patience, callMsMax: 200 }, systemClock);
  const { accessToken, secret } = robot;
  const configured = { settings: { url: robot.url }, secrets: { accessToken, secret } };
  return {
    channel: patient.open(configured),
    impatient: impatient.open(configured),
    recipients: ['13800000001', '+49-1510000002'],
    impossibleRecipients: ['', 'shift', '13800000001,13800000002', '13800000001\n', 'all@all', 'a@b.example'],
    received: () => robot.messages.map(readerOf),
    become: (mood) => {
      robot.silent = mood === 'hangs';
      robot.answer = answers[mood];
    },
    leave: () => robot.leave(),
    comeBack: () => robot.listen(),
    close: async () => {
      patient.close();
      impatient.close();
      await robot.leave();
    },
  };
});

let clock: ManualClock;
let robot: DingtalkRobot;
let factory: ChannelFactory;
let channel: Channel;

const limits = { connectionsMax: 4, callMsMax: 2_000, messagesPerMinuteMax: 20 };
const notification = { id: 'a.1', subject: 'Too hot', body: 'b' };
const send = (change: Partial<typeof notification> = {}, recipient = 'group') =>
  channel.send({ ...notification, ...change }, recipient, never);

function open(secrets: object = {}, url = robot.url): Channel {
  const { accessToken, secret } = robot;
  return factory.open({ settings: { url }, secrets: { accessToken, secret, ...secrets } });
}

beforeEach(async () => {
  clock = new ManualClock(1_700_000_000_000);
  robot = new DingtalkRobot(() => clock.nowMs());
  await robot.listen();
  factory = startDingtalk({ MILLRACE_OUTBOUND_ALLOWED: [`127.0.0.1:${robot.port}`] }, limits, clock);
  channel = open();
});

afterEach(async () => {
  factory.close();
  await robot.leave();
});

test('a group is told without calling anybody, and all of it is called on wish', async () => {
  await send({}, 'group');
  await send({}, 'all');
  expect(robot.messages.map(({ at }) => at)).toEqual([
    { atMobiles: [], isAtAll: false },
    { atMobiles: [], isAtAll: true },
  ]);
});

test.each([
  ['a wrong secret', { secret: 'SECwrong' }, 310_000],
  ['a wrong token', { accessToken: 'wrong' }, 300_005],
])('%s is final, and says what DingTalk said', async (_, secrets, errcode) => {
  channel = open(secrets);
  await expect(send()).rejects.toMatchObject({
    code: 'configuration_invalid',
    retry: 'never',
    message: expect.stringContaining(String(errcode)),
  });
});

test('a signature is of the moment: a clock that is two hours behind is refused', async () => {
  channel = startDingtalk(
    { MILLRACE_OUTBOUND_ALLOWED: [`127.0.0.1:${robot.port}`] },
    limits,
    new ManualClock(clock.nowMs() - 7_200_000),
  ).open({
    settings: { url: robot.url },
    secrets: { accessToken: robot.accessToken, secret: robot.secret },
  });
  await expect(send()).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining('timestamp'),
  });
});

test('the twenty-first message of a minute is not sent, and is worth an attempt when the minute is over', async () => {
  for (let count = 0; count < 20; count += 1) await send({ id: `a.${count}` });
  expect(isPaced(channel) && channel.pauseMs).toBe(60_000);
  await expect(send()).rejects.toMatchObject({ code: 'channel_unavailable' });
  expect(robot.asked).toBe(20);
  await clock.advance(59_999);
  expect(isPaced(channel) && channel.pauseMs).toBe(1);
  await clock.advance(1);
  await send();
  expect(robot.messages).toHaveLength(21);
});

test.each([130_101, 660_026])('a robot that answers %i is left alone for a minute', async (errcode) => {
  robot.answer = { errcode, errmsg: 'send too fast' };
  await expect(send()).rejects.toMatchObject({ code: 'channel_unavailable', retry: 'later' });
  expect(isPaced(channel) && channel.pauseMs).toBe(60_000);
  robot.answer = undefined;
  await clock.advance(60_000);
  await send();
});

test('a body that is longer than DingTalk takes is cut', async () => {
  await send({ body: '温'.repeat(20_000) });
  expect(Buffer.byteLength(JSON.stringify(robot.messages[0]))).toBeLessThan(20_000);
});

test('what is configured wrongly is named', () => {
  expect(() => open({ secret: '' })).toThrow(
    expect.objectContaining({ code: 'configuration_invalid', message: expect.stringContaining('secrets.secret') }),
  );
  expect(() => open({}, 'ftp://x.example')).toThrow(
    expect.objectContaining({ message: expect.stringContaining('settings.url') }),
  );
});

test('an escaped value is one line without markdown', () => {
  expect(channel.escape('# [a](http://b) **c**\n> d')).toBe(String.raw`\# \[a\]\(http://b\) \*\*c\*\* \> d`);
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = channel.escape(text);
      expect(escaped).not.toMatch(/\n/);
      expect(escaped.replaceAll(/\\[\\`*_[\]()<>#!|~]/g, '')).not.toMatch(/[\\`*_[\]()<>#!|~]/);
    }),
  );
});
