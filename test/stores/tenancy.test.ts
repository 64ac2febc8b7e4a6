import { expect, it } from 'vitest'
import { onBothDatabases } from './backends.ts'

/** Tables whose rows are of no environment, and why. */
const OF_NONE: Readonly<Record<string, string>> = {
  environments: 'they are the environments',
  master_keys: 'they encrypt for all of them',
  key_holders: 'servers serve all of them',
  locks: 'a lock is named after what it locks, with the environment in the name',
  job_schedules: 'schedules are of the installation; their jobs name an environment',
  token_windows: 'a count for each token, which has its environment',
  token_spend: 'a sum for each token, which has its environment',
  link_sessions: 'bound by their link token, which has its environment',
  oauth_flows: 'bound by the session of their link token',
  synced_records: 'rows of a set, which has its environment',
  synced_changes: 'changes of a set, which has its environment',
  synced_deletions: 'deletions of a set, which has its environment',
  synced_views: 'views of all environments, which they name in a column',
  sync_partitions: 'parts of a run, which has its environment',
}
const OF_THE_LIBRARIES = /^(onefold_migration|onefold_migration_lock|sqlite_.*)$/

onBothDatabases((backend) => {
  it('every table names the environment of its rows, or is listed here with the reason', async () => {
    const { database } = await backend.open()
    const tables = await database.db.introspection.getTables()
    const own = tables.filter(({ name, schema }) => !OF_THE_LIBRARIES.test(name) && (schema ?? 'public') === 'public')
    expect(own.length).toBeGreaterThan(10)
    const without = own.filter(({ columns }) => !columns.some(({ name }) => name === 'environment_id'))
    expect(without.map(({ name }) => name).filter((name) => !Object.hasOwn(OF_NONE, name))).toEqual([])
    expect(Object.keys(OF_NONE).filter((name) => !without.some((table) => table.name === name))).toEqual([])
  })
})
