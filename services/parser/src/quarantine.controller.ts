/** What this instance has put into quarantine, for those who operate it: the api asks all of them. */
import { deviceKey, deviceUidPattern, tenantPattern } from '@millrace/contracts';
import { type QuarantineEntry, Sandbox } from '@millrace/sandbox';
import { Controller, Delete, Get, Inject, Query } from '@nestjs/common';
import * as z from 'zod';
import { PARSER_EVENTS, type ParserEmitter } from './parser-events.ts';

const tenant = z.string().regex(tenantPattern);
const listQuery = z.strictObject({ tenant });
const clearQuery = z.strictObject({
  tenant,
  scriptId: z.string().min(1),
  device: z.string().regex(deviceUidPattern).optional(),
});

interface Listed {
  readonly scriptId: string;
  readonly version: number;
  /** Null: the script rests for all. */
  readonly device: string | null;
  readonly reason: string;
  readonly failures: number;
  readonly restsUntil: string;
}

@Controller('v1/sandbox/quarantine')
export class QuarantineController {
  readonly #sandbox: Sandbox;
  readonly #emit: ParserEmitter;

  constructor(sandbox: Sandbox, @Inject(PARSER_EVENTS) emit: ParserEmitter) {
    this.#sandbox = sandbox;
    this.#emit = emit;
  }

  @Get()
  list(@Query({ schema: listQuery }) asked: z.infer<typeof listQuery>): { readonly entries: readonly Listed[] } {
    return { entries: this.#sandbox.quarantine.list(asked.tenant).map(listedOf) };
  }

  @Delete()
  clear(@Query({ schema: clearQuery }) { tenant: owner, scriptId, device }: z.infer<typeof clearQuery>): {
    readonly cleared: number;
  } {
    const subject = device === undefined ? undefined : deviceKey(owner, device);
    const cleared = this.#sandbox.quarantine.clear(owner, scriptId, subject);
    if (cleared > 0) this.#emit.quarantineCleared({ tenant: owner, script: scriptId, device: device ?? '', cleared });
    return { cleared };
  }
}

/** The name of a script is `tenant/id@version`, a subject the key of a device. */
function listedOf({ script, subject, reason, failures, restsUntilMs }: QuarantineEntry): Listed {
  const [, scriptId = '', version = ''] = /^[^/]*\/(.*)@(\d+)$/.exec(script) ?? [];
  return {
    scriptId,
    version: Number(version),
    device: subject === undefined ? null : subject.slice(subject.indexOf('/') + 1),
    reason,
    failures,
    restsUntil: new Date(restsUntilMs).toISOString(),
  };
}
