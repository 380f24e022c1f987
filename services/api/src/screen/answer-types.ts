/** What the api answers to the page: the types of its own schemas. */
import type { problemAnswer } from '@millrace/platform/rest/problem';
import type { z } from 'zod';
import type { pointAnswer } from '../data/answers.ts';
import type { flowAnswer } from '../flow/flow-answers.ts';
import type { JourneyStep as Step } from '../journeys/journey-answers.ts';
import type {
  accessAnswer,
  alarmsAnswer,
  latestOfManyAnswer,
  limitsAnswer,
  trendsAnswer,
} from '../data/overview-answers.ts';

export type Access = z.infer<typeof accessAnswer>;
export type Alarm = z.infer<typeof alarmsAnswer>['alarms'][number];
export type Alarms = z.infer<typeof alarmsAnswer>;
/** A device as `GET /v1/devices` answers it, as far as the page needs it. */
export interface Device {
  readonly deviceUid: string;
  readonly identificationCode: string | null;
  readonly productId: string;
  readonly name: string;
  readonly state: string;
}

export interface Product {
  readonly productId: string;
  readonly name: string;
  readonly signals: readonly { readonly name: string; readonly unit: string }[];
}

/** Every list is answered in pages. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export type Flow = z.infer<typeof flowAnswer>;
export type Hop = Flow['hops'][number];
export type JourneyStep = Step;
export type LatestOfMany = z.infer<typeof latestOfManyAnswer>;
export type Limits = z.infer<typeof limitsAnswer>;
export type Point = z.infer<typeof pointAnswer>;
export type Problem = z.infer<typeof problemAnswer>;
export type Trends = z.infer<typeof trendsAnswer>;
