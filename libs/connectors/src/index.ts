export * from './connector.ts';
export { checkConnection, connectorKinds, type Open } from './registry.ts';
