export * from './gateway.ts';
export { httpGateway } from './http.gateway.ts';
export { httpsGateway } from './https.gateway.ts';
export { type HttpGatewaySettings, httpGatewaySettings } from './http-settings.ts';
export * from './message-limits.ts';
export { tcpGateway } from './tcp.gateway.ts';
export { tcpsGateway } from './tcps.gateway.ts';
export { type TcpGatewaySettings, tcpGatewaySettings } from './tcp/settings.ts';
export { type Line, LineSplitter, tooLong } from './tcp/line-splitter.ts';
