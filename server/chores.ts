import type { Services } from './api/context.ts'

const EACH_MS = 1_000

/**
 * What every process does beside the calls: the logs are written and the master key in use is looked up every second. The answer
 * ends it.
 */
export function startChores({ stores, log, clock }: Services): () => void {
  const tell = (what: string) => (error: unknown) => log.error({ err: error }, what)
  const flush = (): void => void stores.flush().catch(tell('the logs could not be written; they wait'))
  const beat = (): void =>
    void stores.keys.beat(clock.now()).catch(tell('the master key in use could not be looked up'))
  const timers = [setInterval(flush, EACH_MS), setInterval(beat, EACH_MS)]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
