import type { Log } from '../../engine/index.ts'
import { readSettings } from '../config.ts'
import { createLog } from '../log.ts'
import { startServer } from '../server.ts'
import { firstCall } from './first-call.ts'

/** Runs the server until SIGTERM or SIGINT; a second signal ends it at once. Throws config_invalid and what a start can throw. */
export async function serve(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const settings = readSettings(env)
  const log = createLog(settings.logLevel)
  for (const name of settings.unknown) log.warn({ setting: name }, 'there is no such setting; it is ignored')
  const server = await startServer(settings, log)
  console.log(await firstCall(server))
  await untilSignal(log)
  await server.close()
}

/** Waits for SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    const end = (signal: string): void => {
      log.info({ signal }, 'shutting down: requests under way have 10 seconds')
      for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => process.exit(1))
      resolve()
    }
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  })
}
