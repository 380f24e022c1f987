/** What the api answers to the page: the types of its own schemas. */
import type { z } from 'zod';
import type { deviceAnswer, devicesAnswer, pointAnswer, problemAnswer } from '../answers.ts';
import type { flowAnswer } from '../flow-answers.ts';
import type { JourneyStep as Step } from '../journey-answers.ts';
import type {
  accessAnswer,
  alarmsAnswer,
  latestOfManyAnswer,
  limitsAnswer,
  productsAnswer,
  trendsAnswer,
} from '../overview-answers.ts';

export type Access = z.infer<typeof accessAnswer>;
export type Alarm = z.infer<typeof alarmsAnswer>['alarms'][number];
export type Alarms = z.infer<typeof alarmsAnswer>;
export type Device = z.infer<typeof deviceAnswer>;
export type DevicePage = z.infer<typeof devicesAnswer>;
export type Flow = z.infer<typeof flowAnswer>;
export type Hop = Flow['hops'][number];
export type JourneyStep = Step;
export type LatestOfMany = z.infer<typeof latestOfManyAnswer>;
export type Limits = z.infer<typeof limitsAnswer>;
export type Point = z.infer<typeof pointAnswer>;
export type Problem = z.infer<typeof problemAnswer>;
export type Products = z.infer<typeof productsAnswer>;
export type Trends = z.infer<typeof trendsAnswer>;
