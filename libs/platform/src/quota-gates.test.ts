import { RecordProducer } from '@millrace/kafka';
import { Metrics } from '@millrace/observe';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, test } from 'vitest';
import { gateProviders } from './quota-gates.ts';
import { CONFIGURATION, KAFKA, LOG, REGISTRY } from './tokens.ts';

class Gate {}

const course: string[] = [];

@Global()
@Module({
  providers: [
    { provide: Metrics, useValue: new Metrics('test') },
    ...[KAFKA, REGISTRY, RecordProducer, CONFIGURATION, LOG].map((provide) => ({ provide, useValue: {} })),
  ],
  exports: [KAFKA, REGISTRY, RecordProducer, CONFIGURATION, LOG, Metrics],
})
class Platform {}

class OtherGate {}

@Module({
  imports: [Platform],
  providers: [
    ...gateProviders(Gate, async () => {
      course.push('opened');
      return { gate: new Gate(), close: async () => void course.push('closed') };
    }),
    ...gateProviders(OtherGate, async () => ({ gate: new OtherGate(), close: async () => undefined })),
  ],
})
class Asking {
  readonly gate: Gate;

  constructor(gate: Gate) {
    this.gate = gate;
  }

  beforeApplicationShutdown(): void {
    course.push('asks for the last time');
  }
}

test('a gate is open when it is injected, and closed with the service, after the last who asks', async () => {
  const app = await NestFactory.createApplicationContext(Asking, { logger: false });
  expect(app.get(Asking).gate).toBeInstanceOf(Gate);
  expect(course).toEqual(['opened']);
  await app.close();
  expect(course).toEqual(['opened', 'asks for the last time', 'closed']);
});
