export * from './connector.ts';
export { checkConnection, type CheckedConnection, connectorKinds } from './registry.ts';
