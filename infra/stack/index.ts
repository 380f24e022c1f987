/** What tests, the benchmark and the command use of the local stack. */
export { componentNames, type ComponentName } from './components/index.ts';
export { builtServices, root } from './service-launch.ts';
export { type InstanceCounts, type ServiceOptions } from './service-fleet.ts';
export { startStack, Stack, type StackOptions } from './stack.ts';
export { currentState, readState, stateFileIn, type Demo, type DemoTenant, type StackState } from './state-file.ts';
export { type ProcessStatus } from './process-plan.ts';
export { UserError } from './user-error.ts';
