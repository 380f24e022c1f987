/**
 * Where attacks are tried: beside a neighbour, with a file, a secret of the environment, a listener and prototypes of the host
 * in reach, as far as anything is in reach of a script.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { decodeUplinks } from '../../decode-uplink.ts';
import type { ScriptExecutor } from '../../executor.ts';
import type { ScriptFailure } from '../../failure.ts';
import type { FlatValue } from '../../flatten.ts';
import { defaultLimits, swollenPart } from '../../limits.ts';
import { residentBytes } from '../../process-usage.ts';
import type { Script } from '../../script.ts';
import type { DecodedUplink } from '../../uplink-result.ts';
import { type Attack, attackByte, type Corpus, type End } from './attack.ts';
import { descendants } from './descendants.ts';

export interface Trial {
  readonly attack: Attack;
  readonly language: string;
  readonly end: End;
  /** From the call to the outcome of the attacking message. */
  readonly tookMs: number;
  /** How long the event loop of the host stood still at most. */
  readonly loopMsMax: number;
  /** Of the largest child meanwhile, as far as it was seen. */
  readonly peakBytes: number;
  /** Of the largest child afterwards. */
  readonly restingBytes: number;
  /** What should not have happened, in words; empty: nothing. */
  readonly harm: readonly string[];
}

/** What is above was not given back. */
const restingBytesMax = defaultLimits.processMemoryBytesMax * swollenPart;
const goodByte = 7;
const watchMs = 10;
const memoryBackMsMax = 3_000;
const environmentName = 'MILLRACE_CANARY';
const hostPrototypes = [Object, Array, Function, String, Number, Promise, Error, Map, RegExp, Uint8Array, Buffer];

export class ProvingGround {
  readonly #executor: ScriptExecutor;
  readonly #secret = randomBytes(16).toString('hex');
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-hostile-'));
  readonly #file = join(this.#folder, 'canary');
  readonly #prototypes = namesOfPrototypes();
  readonly #neighbours = new Map<string, Script>();
  readonly #listener: Server;
  #connections = 0;

  /** `executor`: a sandbox whose children are those of this process. */
  static async open(executor: ScriptExecutor): Promise<ProvingGround> {
    const ground = new ProvingGround(executor);
    await once(ground.#listener.listen(0, '127.0.0.1'), 'listening');
    return ground;
  }

  private constructor(executor: ScriptExecutor) {
    this.#executor = executor;
    writeFileSync(this.#file, this.#secret);
    process.env[environmentName] = this.#secret;
    this.#listener = createServer((socket) => {
      this.#connections += 1;
      socket.destroy();
    });
  }

  close(): void {
    this.#listener.close();
    delete process.env[environmentName];
    rmSync(this.#folder, { recursive: true });
  }

  /** One attacking message, then what is left of the world. */
  async try(corpus: Corpus, attack: Attack): Promise<Trial> {
    const script: Script = scriptOf('attacker', attack.name, corpus.language, corpus.scriptOf(attack.source));
    await this.#ask(this.#neighbourOf(corpus), goodByte);
    const watch = new Watch();
    const startedMs = performance.now();
    const outcome = await this.#ask(script, attackByte);
    const tookMs = performance.now() - startedMs;
    const harm = this.#harmIn(outcome);
    harm.push(...(await this.#harmToOthers(corpus)));
    if (!attack.spoilsItself && !isRight(await this.#ask(script, goodByte)))
      harm.push('its own next message was wrong');
    const { loopMsMax, peakBytes } = watch.end();
    const restingBytes = await this.#resting();
    if (restingBytes > restingBytesMax) harm.push('the memory did not come back');
    return { attack, language: corpus.language, end: endOf(outcome), tookMs, loopMsMax, peakBytes, restingBytes, harm };
  }

  async #ask(script: Script, byte: number): Promise<DecodedUplink | ScriptFailure> {
    const { port } = this.#listener.address() as AddressInfo;
    const uplink = {
      payload: Uint8Array.of(byte),
      fPort: 1,
      receivedAtMs: 1_700_000_000_000,
      variables: { file: this.#file, url: `http://127.0.0.1:${port}/`, port: String(port) },
      attributes: {},
    };
    const [[outcome] = []] = await decodeUplinks(this.#executor, [{ script, uplinks: [uplink] }]);
    return outcome!;
  }

  #neighbourOf({ language, neighbour }: Corpus): Script {
    let script = this.#neighbours.get(language);
    if (!script) this.#neighbours.set(language, (script = scriptOf('neighbour', 'honest', language, neighbour)));
    return script;
  }

  #harmIn(outcome: object): string[] {
    const text = JSON.stringify(outcome);
    const secrets = {
      'a secret': this.#secret,
      "the neighbour's global": 'a secret of the neighbour',
      'a path': '/sandbox/',
    };
    return Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [`it read ${name}`] : []));
  }

  async #harmToOthers(corpus: Corpus): Promise<string[]> {
    const harm: string[] = [];
    const answer = await this.#ask(this.#neighbourOf(corpus), goodByte);
    if (!isRight(answer, { intact: true })) harm.push('its neighbour was wrong');
    const sibling = scriptOf('attacker', 'sibling', corpus.language, corpus.scriptOf(''));
    if (!isRight(await this.#ask(sibling, goodByte))) harm.push('another script of the tenant was wrong');
    if (process.env[environmentName] !== this.#secret) harm.push('the environment was changed');
    if (readFileSync(this.#file, 'utf8') !== this.#secret) harm.push('the file was changed');
    if (readdirSync(this.#folder).length !== 1) harm.push('a file was made');
    if (this.#connections > 0) harm.push('there was a connection');
    if (namesOfPrototypes() !== this.#prototypes) harm.push('a prototype of the host was changed');
    return harm;
  }

  async #resting(): Promise<number> {
    for (let waitedMs = 0; ; waitedMs += watchMs) {
      const bytes = largestChildBytes();
      if (bytes <= restingBytesMax || waitedMs >= memoryBackMsMax) return bytes;
      await sleep(watchMs);
    }
  }
}

/** Of the children and of the host's event loop, until it is ended. */
class Watch {
  readonly #delays = monitorEventLoopDelay({ resolution: watchMs });
  readonly #polling = setInterval(() => (this.#peakBytes = Math.max(this.#peakBytes, largestChildBytes())), watchMs);
  #peakBytes = 0;

  constructor() {
    this.#delays.enable();
  }

  end(): Pick<Trial, 'loopMsMax' | 'peakBytes'> {
    clearInterval(this.#polling);
    this.#delays.disable();
    return { loopMsMax: Math.max(0, this.#delays.max / 1e6 - watchMs), peakBytes: this.#peakBytes };
  }
}

function largestChildBytes(): number {
  return Math.max(0, ...descendants().map((pid) => residentBytes(pid) ?? 0));
}

function scriptOf(tenant: string, name: string, language: string, source: string): Script {
  return { name: `${tenant}/${name}@1`, tenant, language, source };
}

function endOf(outcome: DecodedUplink | ScriptFailure): End {
  return 'rows' in outcome ? 'returned' : (outcome.code.replace('script_', '') as End);
}

function namesOfPrototypes(): string {
  return hostPrototypes.map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join()).join(';');
}

function isRight(outcome: DecodedUplink | ScriptFailure, more: Readonly<Record<string, FlatValue>> = {}): boolean {
  if (!('rows' in outcome)) return false;
  const values = Object.fromEntries(outcome.rows.map(({ name, value }) => [name, value]));
  return isDeepStrictEqual(values, { value: goodByte, ...more });
}
