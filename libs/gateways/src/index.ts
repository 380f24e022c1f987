export * from './gateway.ts';
export { httpGateway } from './http.gateway.ts';
export { type HttpGatewaySettings, httpGatewaySettings } from './http-settings.ts';
