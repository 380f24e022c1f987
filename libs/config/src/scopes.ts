/** `ingest`: send as any device; `read`: data and configuration; `write`: configuration; `admin`: keys; `platform`: tenants. */
export const scopeNames = ['ingest', 'read', 'write', 'admin', 'platform'] as const;
export type Scope = (typeof scopeNames)[number];
