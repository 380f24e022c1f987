/** Reads numbers from QuestDB over its HTTP query interface (GET /exec). */
export async function queryNumber(questdb: string, sql: string): Promise<number> {
  const response = await fetch(`${questdb}/exec?query=${encodeURIComponent(sql)}`, {
    signal: AbortSignal.timeout(60_000),
  });
  const answer = (await response.json()) as { dataset?: number[][]; error?: string };
  if (!answer.dataset) throw new Error(`QuestDB refused ${sql}: ${answer.error}`);
  return Number(answer.dataset[0]?.[0] ?? 0);
}
