/** The gates with all that keeps them up to date, as services use them. */
import type { Log, Metrics } from '@millrace/observe';
import { MessageGate } from './message-gate.ts';
import { PointsGate } from './points-gate.ts';
import { QuotaWatch } from './quota-watch.ts';
import { RateQuota, type TenantDirectory } from './rate-quota.ts';
import { exchangeUsage, type UsageParts } from './usage-exchange.ts';

export interface GateParts extends UsageParts {
  readonly tenants: TenantDirectory;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A gate; `close` ends what it hears and says. */
export interface OpenGate<G> {
  readonly gate: G;
  close(): Promise<void>;
}

/** One for a process, whatever protocols it speaks. Waits for Kafka and the registry until the signal. */
export async function openMessageGate(parts: GateParts, signal: AbortSignal): Promise<OpenGate<MessageGate>> {
  const { tenants, log, metrics, clock } = parts;
  const quota = new RateQuota('messagesPerSecond', tenants, clock);
  const gate = new MessageGate({ tenants, quota, watch: new QuotaWatch(log, metrics, clock) });
  return { gate, ...(await exchangeUsage(quota, parts, signal)) };
}

/** As `openMessageGate`. */
export async function openPointsGate(parts: GateParts, signal: AbortSignal): Promise<OpenGate<PointsGate>> {
  const { tenants, log, metrics, clock } = parts;
  const quota = new RateQuota('pointsPerSecond', tenants, clock);
  const gate = new PointsGate({ quota, watch: new QuotaWatch(log, metrics, clock), clock });
  return { gate, ...(await exchangeUsage(quota, parts, signal)) };
}
