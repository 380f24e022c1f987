/** Evidence that a process holds unfinished work at this moment. */
import type { HttpSender } from './http-sender.ts';
import type { PlantStack } from './plant-stack.ts';

/** Components hold work when those who use them do. */
const userOf: Readonly<Record<string, string>> = { questdb: 'historian', redis: 'historian' };

/** Services without a hop of messages: being asked while the stream runs is all they do for it. */
const withoutMessages: readonly string[] = ['api'];

export async function workInFlight(plant: PlantStack, victim: string, http: HttpSender): Promise<boolean> {
  if (victim === 'kafka' || victim === 'gateway') return http.onTheWay > 0;
  if (withoutMessages.includes(victim)) return true;
  const report = await plant.accounting(userOf[victim] ?? victim);
  return report?.hops.some(({ inFlight }) => inFlight > 0) ?? false;
}
