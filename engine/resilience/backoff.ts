/**
 * Full-jitter exponential backoff in milliseconds: a random share of `baseMs` doubled per attempt, at most `capMs`.
 * `attempt` is the one that failed, from 1; `random` is in [0, 1).
 */
export function backoffMs(
  attempt: number,
  rules: { readonly baseMs: number; readonly capMs: number },
  random: number,
): number {
  const bound = Math.min(rules.capMs, rules.baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.ceil(random * bound)
}
