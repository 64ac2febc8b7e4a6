import { type Closing, startProcess } from './rig.ts'

/** Starts a Postgres; each call makes an empty database and answers its URL. */
export async function startPostgres(closing: Closing): Promise<() => Promise<string>> {
  const child = startProcess(closing, 'postgres')
  closing.add(child, (one) => one.ask('stop'))
  await child.ask('start')
  return () => child.ask<string>('freshUrl')
}
