/** Every error that crosses an interface: its code, what a person should read, and whether trying again helps. */

import type { TenantQuotas } from './generated/config.tenants.v1.ts';

export type Retry = 'now' | 'later' | 'never';

interface ErrorKind {
  readonly title: string;
  /** HTTP status where the error answers a request. */
  readonly status: number;
  readonly retry: Retry;
}

export const errorKinds = {
  malformed_request: { title: 'The request could not be read', status: 400, retry: 'never' },
  request_timeout: { title: 'The request took too long to arrive', status: 408, retry: 'never' },
  malformed_body: { title: 'The body could not be read', status: 400, retry: 'never' },
  empty_body: { title: 'The body is empty', status: 400, retry: 'never' },
  invalid_field: { title: 'A field has a wrong value', status: 400, retry: 'never' },
  unauthenticated: { title: 'Unknown device or wrong credential', status: 401, retry: 'never' },
  device_not_active: { title: 'The device is registered and not active yet', status: 403, retry: 'never' },
  device_disabled: { title: 'The device is disabled', status: 403, retry: 'never' },
  device_retired: { title: 'The device is retired', status: 403, retry: 'never' },
  tenant_suspended: { title: 'The tenant is suspended', status: 403, retry: 'never' },
  tenant_deleted: { title: 'The tenant was deleted', status: 404, retry: 'never' },
  not_allowed: { title: 'The credential does not allow this', status: 403, retry: 'never' },
  not_found: { title: 'There is no such thing', status: 404, retry: 'never' },
  already_exists: { title: 'There is one already', status: 409, retry: 'never' },
  invalid_transition: { title: 'The state cannot change in this way', status: 409, retry: 'never' },
  in_use: { title: 'Something else refers to it', status: 409, retry: 'never' },
  tenant_erased: { title: 'The name belonged to a tenant that was deleted', status: 409, retry: 'never' },
  too_many_versions: { title: 'A script has all the versions that it may have', status: 409, retry: 'never' },
  conflict: { title: 'Another change came in between', status: 409, retry: 'never' },
  precondition_failed: { title: 'It has been changed meanwhile', status: 412, retry: 'never' },
  idempotency_key_reused: { title: 'The idempotency key was used for something else', status: 422, retry: 'never' },
  unknown_reference: { title: 'It refers to something that is not there', status: 422, retry: 'never' },
  samples_failed: { title: 'A script does not load, or fails its samples', status: 422, retry: 'never' },
  client_gone: { title: 'The client has given up', status: 499, retry: 'never' },
  body_too_large: { title: 'The body is too large', status: 413, retry: 'never' },
  unsupported_media_type: { title: 'The content type is not supported', status: 415, retry: 'never' },
  quota_exceeded: { title: 'A quota of the tenant is used up', status: 429, retry: 'later' },
  too_many_attempts: { title: 'Too many wrong credentials', status: 429, retry: 'later' },
  internal: { title: 'The service failed', status: 500, retry: 'later' },
  overloaded: { title: 'Too much work is in flight', status: 503, retry: 'later' },
  not_ready: { title: 'The service is starting or stopping', status: 503, retry: 'later' },
  capacity_exhausted: { title: 'All instances are full', status: 503, retry: 'later' },
  instance_unavailable: { title: 'An instance does not answer', status: 503, retry: 'later' },
  stream_unavailable: { title: 'Kafka does not answer', status: 503, retry: 'later' },
  registry_unavailable: { title: 'The schema registry does not answer', status: 503, retry: 'later' },
  store_unavailable: { title: 'QuestDB does not answer', status: 503, retry: 'later' },
  database_unavailable: { title: 'PostgreSQL does not answer', status: 503, retry: 'later' },
  cache_unavailable: { title: 'Redis does not answer', status: 503, retry: 'later' },
  undecodable_record: { title: 'A record is not of the schema it names', status: 422, retry: 'never' },
  unknown_schema: { title: 'A record names a schema the registry does not have', status: 422, retry: 'never' },
  unknown_sender: { title: 'No device of the tenant has this uid or identification code', status: 422, retry: 'never' },
  unknown_tenant: { title: 'The configuration has no such tenant', status: 422, retry: 'never' },
  unknown_device: { title: 'The configuration has no such device', status: 422, retry: 'never' },
  unknown_sub_device: {
    title: 'The sender has no active sub-device of this identification code',
    status: 422,
    retry: 'never',
  },
  unknown_product: { title: 'The configuration has no such product', status: 422, retry: 'never' },
  unknown_script: { title: 'The configuration has no such script', status: 422, retry: 'never' },
  script_invalid: { title: 'The script does not load', status: 422, retry: 'never' },
  script_threw: { title: 'The script threw an error', status: 422, retry: 'never' },
  script_timeout: { title: 'The script took too long', status: 422, retry: 'never' },
  script_memory: { title: 'The script used too much memory', status: 422, retry: 'never' },
  script_killed: { title: 'The script ended its process', status: 422, retry: 'never' },
  script_quarantined: {
    title: 'The script broke its limits again and again and rests',
    status: 422,
    retry: 'never',
  },
  script_deferred: { title: 'The script is too slow to be run now', status: 503, retry: 'later' },
  script_result: { title: 'The script returned something else than data', status: 422, retry: 'never' },
  too_many_points: { title: 'A window has more points than an evaluation may read', status: 422, retry: 'never' },
  row_rejected: { title: 'QuestDB refused the row', status: 422, retry: 'never' },
  recipient_rejected: { title: 'The channel refused the recipient', status: 422, retry: 'never' },
  channel_unavailable: { title: 'The channel does not answer', status: 503, retry: 'later' },
  issuer_unavailable: { title: 'The issuer of the token does not answer', status: 503, retry: 'later' },
  broker_unavailable: { title: 'The MQTT broker does not answer', status: 503, retry: 'later' },
  broker_refused: { title: 'The MQTT broker refused the connection', status: 502, retry: 'later' },
  session_taken_over: { title: 'Another client has taken over the MQTT session', status: 502, retry: 'later' },
  lease_lost: { title: 'Another instance has the connection now', status: 503, retry: 'later' },
  stale_owner: { title: 'A former owner of the connection wrote it', status: 409, retry: 'never' },
  machine_unavailable: { title: 'The machine does not answer', status: 503, retry: 'later' },
  machine_refused: { title: 'The machine refused to be read', status: 502, retry: 'later' },
  configuration_behind: { title: 'The configuration has not arrived yet', status: 503, retry: 'later' },
  configuration_invalid: { title: 'The configuration is wrong', status: 422, retry: 'never' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** One wrong field of a request: JSON path, code, one sentence. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly detail: string;
}

/** A limit of the tenant that was reached. */
export interface ReachedQuota {
  readonly name: keyof TenantQuotas;
  readonly limit: number;
  /** When to try again; null: when something was given up or the limit was raised. */
  readonly retryAfterSeconds: number | null;
}

/** RFC 9457 problem details with Millrace's members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly errors?: readonly FieldError[];
  readonly quota?: ReachedQuota;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  readonly errors?: readonly FieldError[];
  /** Of `quota_exceeded`. */
  readonly quota?: ReachedQuota;
}

/** The one error class of interfaces. `message` is one sentence that says what to do. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly quota: ReachedQuota | undefined;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'MillraceError';
    this.code = code;
    this.errors = options.errors ?? [];
    this.quota = options.quota;
  }

  /** Decided by who throws; obeyed by who catches. */
  get retry(): Retry {
    return errorKinds[this.code].retry;
  }

  get status(): number {
    return errorKinds[this.code].status;
  }

  toProblem(): Problem {
    const { title, status, retry } = errorKinds[this.code];
    return {
      type: `urn:millrace:error:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      retry,
      ...(this.errors.length > 0 && { errors: this.errors }),
      ...(this.quota && { quota: this.quota }),
    };
  }
}

/** What anything thrown means to an interface; a stranger's error is `internal` and keeps its details to the log. */
export function asMillraceError(thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  return new MillraceError('internal', 'The service failed; its log has the reason.', { cause: thrown });
}
