import type { Database } from '../stores/index.ts'
import { DriverJobs } from './jobs.ts'
import type { Jobs } from './port.ts'
import type { RunMeans } from './run.ts'
import { SqliteJobs } from './sqlite-driver.ts'

export { pauseMs } from './driver.ts'
export type { Job, JobContext, JobHandler, JobStatus, Jobs, NewJob } from './port.ts'
export { nextRun } from './schedules.ts'

/** The jobs of an installation, kept in the database of its stores. Nothing runs before `start`. Throws `store_failed`. */
export async function openJobs(database: Database, means: RunMeans): Promise<Jobs> {
  if (database.dialect === 'sqlite') return new DriverJobs(database, new SqliteJobs(database, means), means)
  const { PostgresJobs } = await import('./postgres-driver.ts')
  return new DriverJobs(database, await PostgresJobs.open(database, means), means)
}
