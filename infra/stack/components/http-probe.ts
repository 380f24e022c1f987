/** True when an HTTP GET of the address succeeds. */
export async function httpAnswers(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.ok;
}
