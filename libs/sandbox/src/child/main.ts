/**
 * The process that runs scripts: no environment, one socket (descriptor 3), one request after the other. Whatever happens to it
 * costs the request it works on; its parent kills it when time or memory run out.
 */
import { Worker } from 'node:worker_threads';
import type { SandboxLimits } from '../limits.ts';
import { decodeRequest, encodeReply, replyStatus } from '../wire.ts';
import { answer } from './answer.ts';
import { BlockingSocket } from './blocking-socket.ts';
import { Isolates } from './isolates.ts';
import { closeInherited, dropPrivileges, findWalls, preferToDie } from './walls.ts';

const socketDescriptor = 3;
const orphanCheckMs = 1_000;

/** While a script hangs in native code nobody notices that the parent is gone: a thread of its own does. */
const orphanWatch = `
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, ${orphanCheckMs});
`;

const limits = JSON.parse(process.argv[2] ?? '{}') as SandboxLimits;
const socket = new BlockingSocket(socketDescriptor);
const isolates = new Isolates(limits);
preferToDie();
// Ctrl-C reaches the whole group of processes: the parent decides when this one is no longer needed.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);
void new Worker(orphanWatch, {
  eval: true,
  resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
});
closeInherited();
dropPrivileges();
const hello = { callId: 0, status: replyStatus.hello, cpuMicros: 0, heldKiB: 0, body: JSON.stringify(findWalls()) };
socket.write(encodeReply(hello));
for (const frame of socket.frames()) socket.write(encodeReply(answer(isolates, decodeRequest(frame))));
process.exit(0);
