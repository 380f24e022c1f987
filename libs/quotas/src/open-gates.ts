/** The gates with all that keeps them up to date, as services use them. */
import { CpuGate } from './cpu-gate.ts';
import { MessageGate } from './message-gate.ts';
import { PointsGate } from './points-gate.ts';
import type { QuotaWatch } from './quota-watch.ts';
import { RateQuota, type TenantDirectory } from './rate-quota.ts';
import { exchangeUsage, type UsageParts } from './usage-exchange.ts';

export interface GateParts extends UsageParts {
  readonly tenants: TenantDirectory;
  /** The same for all gates of a process. */
  readonly watch: QuotaWatch;
}

/** A gate; `close` ends what it hears and says. */
export interface OpenGate<G> {
  readonly gate: G;
  close(): Promise<void>;
}

/** One for a process, whatever protocols it speaks. Waits for Kafka and the registry until the signal. */
export async function openMessageGate(parts: GateParts, signal: AbortSignal): Promise<OpenGate<MessageGate>> {
  const { tenants, watch, clock } = parts;
  const quota = new RateQuota('messagesPerSecond', tenants, clock);
  const gate = new MessageGate({ tenants, quota, watch });
  return { gate, ...(await exchangeUsage(quota, parts, signal)) };
}

/** As `openMessageGate`. */
export async function openPointsGate(parts: GateParts, signal: AbortSignal): Promise<OpenGate<PointsGate>> {
  const { tenants, watch, clock } = parts;
  const quota = new RateQuota('pointsPerSecond', tenants, clock);
  const gate = new PointsGate({ quota, watch, clock });
  return { gate, ...(await exchangeUsage(quota, parts, signal)) };
}

/** As `openMessageGate`. */
export async function openCpuGate(parts: GateParts, signal: AbortSignal): Promise<OpenGate<CpuGate>> {
  const { tenants, watch, clock } = parts;
  const quota = new RateQuota('scriptCpuMsPerSecond', tenants, clock);
  const gate = new CpuGate({ quota, watch });
  return { gate, ...(await exchangeUsage(quota, parts, signal)) };
}
