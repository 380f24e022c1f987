/** Issuers of tokens (OAuth 2, OpenID Connect) that a tenant trusts. */
import { type TokenIssuerConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, label, tenant } from '../entity-fields.ts';

const urlCharsMax = 1_024;
const url = z.url({ protocol: /^https?$/ }).max(urlCharsMax);

const file = z
  .strictObject({
    tenant,
    issuerId: identifier,
    issuer: url,
    audience: label.min(1),
    jwksUrl: url,
    deviceClaim: z
      .string()
      .regex(/^[A-Za-z0-9_:./-]{1,128}$/, 'must be the name of a claim')
      .default('sub'),
  })
  .refine(
    ({ tenant: name, audience }) => audience === name || ['/', ':'].some((sign) => audience.endsWith(sign + name)),
    {
      path: ['audience'],
      error: 'must end with the tenant, as in https://ingest.example.com/<tenant>',
    },
  );

export const tokenIssuers = defineEntity<TokenIssuerConfig>()({
  topic: topics.configTokenIssuers,
  id: 'issuerId',
  singular: 'token issuer',
  file,
  publish: (it) => it,
  scopes: { write: 'admin' },
});
