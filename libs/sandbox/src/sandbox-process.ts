/** One child process: sends requests, pairs the replies, and kills it when the request at the head overruns time or memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { type Deadline, verdictOf } from './deadline.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { busyPart, type SandboxLimits, swollenPart } from './limits.ts';
import { launcher } from './launcher.ts';
import { cpuMs, lowerPriority, residentBytes } from './process-usage.ts';
import { readWalls, type Wall } from './walls.ts';
import { decodeReply, encodeRequest, type Reply, type ReplyStatus, replyStatus, type Request } from './wire.ts';

/** How often time and memory of a busy child are looked at. */
const watchMs = 25;
/** A child that has not said hello after this is broken; a cold start takes 0.1–0.2 s. */
const startMsMax = 10_000;
/** Results of one batch; the isolate's memory limit is reached far earlier. */
const replyBytesMax = 256 * 1024 * 1024;
const stderrCharsMax = 2_000;
const limitStatuses: ReadonlySet<ReplyStatus> = new Set([
  replyStatus.timeout,
  replyStatus.memory,
  replyStatus.starved,
  replyStatus.broken,
]);

/**
 * Why a request has no reply. `killed`: it ended the process itself. Nobody's fault: `starved`, the processor was somewhere
 * else; `taken`, somebody from outside killed the process; `lost`, another request ended it.
 */
export type LostReason = 'timeout' | 'memory' | 'starved' | 'killed' | 'taken' | 'lost';

export interface Lost {
  readonly lost: LostReason;
  /** What the request had of the processor, as far as it is known. */
  readonly cpuMs: number;
}

export type Answer = Reply | Lost;

interface Pending extends Deadline {
  readonly callId: number;
  readonly resolve: (answer: Answer) => void;
}

const lost: Lost = { lost: 'lost', cpuMs: 0 };

const childFile = new URL(`./child/main${extname(import.meta.filename)}`, import.meta.url).pathname;

export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #socket: Socket | undefined;
  readonly #limits: SandboxLimits;
  readonly #splitter = new FrameSplitter(replyBytesMax);
  readonly #hello = Promise.withResolvers<readonly Wall[]>();
  /** Sent and unanswered, in order; the child works on the first. */
  readonly #pending: Pending[] = [];
  /** Scripts whose source the child has seen. */
  readonly #known = new Set<number>();
  #headSinceMs = 0;
  #headCpuMs: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  #verdict: LostReason | undefined;
  #verdictCpuMs: number | undefined;
  #walls: readonly Wall[] = [];
  #ended = false;
  /** At its last look. */
  #isSwollen = false;
  /** Finishes what it has and is given no more. */
  #isRetiring = false;
  #stderr = '';
  #callIds = 0;

  /** Resolves when the child is ready. Rejects with `internal` and what it printed when it cannot start, or may not any more. */
  static async start(limits: SandboxLimits, signal: AbortSignal): Promise<SandboxProcess> {
    signal.throwIfAborted();
    const prefix = await launcher();
    signal.throwIfAborted();
    const started = new SandboxProcess(limits, prefix);
    const kill = (): void => started.kill();
    const tooLate = setTimeout(kill, startMsMax);
    signal.addEventListener('abort', kill);
    try {
      started.#walls = await started.#hello.promise;
    } finally {
      clearTimeout(tooLate);
      signal.removeEventListener('abort', kill);
    }
    return started;
  }

  private constructor(limits: SandboxLimits, prefix: readonly string[]) {
    this.#limits = limits;
    const flags = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'];
    const [program, ...args] = [...prefix, process.execPath, ...flags, childFile, JSON.stringify(limits)];
    this.#child = spawn(program, args, {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`, signal));
    // Without descriptors to give, Node makes no child and no pipes, and tells the error later.
    const [, , errors, socket] = (this.#child.stdio as ChildProcess['stdio'] | undefined) ?? [];
    this.#socket = socket as Socket | undefined;
    this.#socket?.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#socket?.on('error', () => this.kill());
    errors?.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk).slice(-stderrCharsMax)));
  }

  /** As the child found them when it was ready. */
  get walls(): readonly Wall[] {
    return this.#walls;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True: sends fail, use another process. */
  get ended(): boolean {
    return this.#ended || this.#isRetiring || this.#verdict !== undefined;
  }

  knows(scriptId: number): boolean {
    return this.#known.has(scriptId);
  }

  /** Never rejects. What is sent in one tick leaves in one write. */
  send(request: Omit<Request, 'callId'>): Promise<Answer> {
    if (this.ended) return Promise.resolve(lost);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const callId = (this.#callIds = (this.#callIds + 1) >>> 0);
    if (request.source) this.#known.add(request.scriptId);
    const limitMs = request.timeLimitMs + (request.source ? this.#limits.loadMs : 0);
    const timeMs = limitMs * request.patience + this.#limits.graceMs;
    this.#pending.push({ callId, timeMs, cpuLimitMs: limitMs * busyPart, resolve });
    if (this.#pending.length === 1) this.#beginHead();
    this.#writeInOneGo(encodeRequest({ ...request, callId }));
    return promise;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** From now on others come first. */
  giveWay(): void {
    if (this.pid !== undefined) lowerPriority(this.pid);
  }

  #writeInOneGo(frame: Buffer): void {
    const socket = this.#socket;
    if (socket?.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket?.write(frame);
  }

  #received(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) {
        const reply = decodeReply(frame);
        if (reply.status === replyStatus.hello) this.#hello.resolve(readWalls(reply.body));
        else this.#answered(reply);
      }
    } catch {
      this.#condemn('killed', undefined);
    }
  }

  #answered(reply: Reply): void {
    const [head] = this.#pending;
    if (head?.callId !== reply.callId) return this.#condemn('killed', undefined);
    this.#pending.shift();
    if (this.#isSwollen || limitStatuses.has(reply.status)) this.#retireWhenSwollen();
    if (this.#pending.length > 0) this.#beginHead();
    else if (this.#isRetiring) this.kill();
    head.resolve(reply);
  }

  /** Not all memory comes back that a script took, and what stays would be charged to the next: a new process has none of it. */
  #retireWhenSwollen(): void {
    const bytes = this.pid === undefined ? undefined : residentBytes(this.pid);
    if ((bytes ?? 0) > this.#limits.processMemoryBytesMax * swollenPart) this.#isRetiring = true;
  }

  #beginHead(): void {
    this.#headSinceMs = performance.now();
    this.#headCpuMs = undefined;
    this.#watch ??= setInterval(() => this.#look(), watchMs);
  }

  #endWatch(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #look(): void {
    const [head] = this.#pending;
    const { pid } = this.#child;
    if (!head || pid === undefined) return this.#endWatch();
    this.#headCpuMs ??= cpuMs(pid);
    const usedMs = this.#usedMs(pid);
    const verdict = this.#verdictOn(head, residentBytes(pid) ?? 0, usedMs);
    // This process may have stood still itself: then the answer lies in the socket, and is read before.
    if (verdict) setImmediate(() => this.#pending[0] === head && this.#condemn(verdict, usedMs));
  }

  #verdictOn(head: Pending, bytes: number, usedMs: number | undefined): LostReason | undefined {
    const { processMemoryBytesMax } = this.#limits;
    this.#isSwollen = bytes > processMemoryBytesMax * swollenPart;
    if (bytes > processMemoryBytesMax) return 'memory';
    return verdictOf(head, performance.now() - this.#headSinceMs, usedMs);
  }

  #usedMs(pid: number): number | undefined {
    const nowMs = cpuMs(pid);
    return nowMs === undefined ? undefined : nowMs - (this.#headCpuMs ?? 0);
  }

  #condemn(verdict: LostReason, usedMs: number | undefined): void {
    this.#verdict ??= verdict;
    this.#verdictCpuMs ??= usedMs;
    this.#endWatch();
    this.kill();
  }

  #end(reason: string, signal: NodeJS.Signals | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endWatch();
    this.#hello.reject(
      new MillraceError('internal', `The sandbox process did not start: ${reason}. ${this.#stderr}`.trim()),
    );
    const [head, ...others] = this.#pending.splice(0);
    const verdict = this.#verdict ?? (signal === 'SIGKILL' ? 'taken' : 'killed');
    head?.resolve({ lost: verdict, cpuMs: this.#verdictCpuMs ?? performance.now() - this.#headSinceMs });
    for (const { resolve } of others) resolve(lost);
  }
}
