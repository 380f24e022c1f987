export * from './api-key.ts';
export * from './authorization.ts';
export * from './client-certificate.ts';
export * from './credential-hasher.ts';
export * from './device-tokens.ts';
export * from './keyed-secrets.ts';
export * from './sealed.ts';
export * from './secret-key.ts';
