/** What holds back floods of devices that come in without a key of a program. */
import { systemClock } from '@millrace/kernel';
import type { Provider } from '@nestjs/common';
import { RequestGate } from './request-gate.ts';

export const registrationProviders: Provider[] = [
  { provide: RequestGate, useFactory: () => new RequestGate(systemClock) },
];
