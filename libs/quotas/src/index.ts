export { CpuGate } from './cpu-gate.ts';
export { MessageGate, refusalOfState } from './message-gate.ts';
export { type GateParts, openMessageGate, type OpenGate, openCpuGate, openPointsGate } from './open-gates.ts';
export { type PointsCharge, PointsGate, type PointsRefusal } from './points-gate.ts';
export { devicesExceeded } from './quota-error.ts';
export { QuotaWatch } from './quota-watch.ts';
export { RateQuota, type TenantDirectory } from './rate-quota.ts';
