/** What services with an API for programs share. Nobody else imports @nestjs/swagger: it lives beside one Nest. */
export {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiDefaultResponse,
  ApiExcludeController,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  type OpenAPIObject,
} from '@nestjs/swagger';
export {
  Access,
  type Caller,
  type CallerKey,
  CallerReader,
  type CallerRequest,
  requireGivable,
  requireScope,
} from './access.ts';
export { Gone, whenAborted } from './client-gone.ts';
export {
  documented,
  etagOf,
  type Expected,
  expectedRevision,
  idempotencyKey,
  idempotencyKeyOf,
  ifMatch,
} from './conditional-request.ts';
export {
  type ForwardedAnswer,
  type ForwardedRequest,
  Forwarding,
  type ForwardingReply,
  type ForwardTarget,
  InstanceUnavailable,
  relay,
} from './forwarding.ts';
export { acceptJson } from './json-bodies.ts';
export { mergePatch } from './merge-patch.ts';
export { type ApiTexts, serveOpenApi } from './openapi.ts';
export { Places, type PlacesLimits } from './places.ts';
export { problemAnswer } from './problem.ts';
export { requireStorableText, unstorableText } from './storable-text.ts';
export { CallerOf, Needs, Public, publicRoute, ScopeGuard, scopesOfRoute, Tenant } from './tenant.ts';
