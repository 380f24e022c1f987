/** For tests: a process whose sandbox hangs in native code with more time than anybody waits for; prints the sandbox's pid. */
import { Sandbox } from '../sandbox.ts';
import { outcomes, script } from './outcomes.ts';

const hour = 3_600_000;
const sandbox = new Sandbox({ limits: { callMs: hour, graceMs: hour } });
await sandbox.start();
process.stdout.write(`${sandbox.pids[0]}\n`);
await outcomes(sandbox, script('const decodeUplink = () => (2n ** (2n ** 29n) * 3n ** (2n ** 27n)).toString();'), [0]);
