/** The form of the answer about the flow. */
import { z } from 'zod';

const messages = z.int().min(0);
const perSecond = z.number().min(0).nullable().describe('Mean of the last seconds; null: not known yet.');

const serviceState = z
  .strictObject({
    service: z.string(),
    instances: z.int().describe('How many there should be.'),
    answering: z.int(),
    waiting: z.array(z.string()).describe('Why instances that answer are not ready, in sentences.'),
  })
  .meta({ id: 'ServiceState' });

const flowHop = z
  .strictObject({
    service: z.string(),
    hop: z.string(),
    inPerSecond: perSecond,
    outPerSecond: perSecond,
    in: z.int(),
    out: messages,
    rejected: messages,
    deadLettered: messages,
    parked: messages,
    repeated: messages,
    inFlight: z.int(),
  })
  .meta({
    id: 'FlowHop',
    description: 'in = out + rejected + deadLettered + parked + repeated + inFlight, since start.',
  });

const lag = z
  .strictObject({ service: z.string(), topic: z.string(), records: z.int().min(0) })
  .meta({ id: 'Lag', description: 'Records that the service has not finished reading.' });

export const flowAnswer = z
  .strictObject({
    at: z.iso.datetime().describe('When it was looked at.'),
    services: z.array(serviceState),
    hops: z.array(flowHop),
    lags: z.array(lag).nullable().describe('Null: not known, because Kafka has not answered yet or not for long.'),
    stores: z.array(z.strictObject({ name: z.enum(['Kafka', 'QuestDB', 'Redis']), answers: z.boolean() })),
  })
  .meta({ id: 'Flow' });
