import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../server/config.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, DEFINITIONS, listeningLog } from '../http/stand.ts'
import { newKey, onBothDatabases, tempFolder } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

onBothDatabases((backend) => {
  const many = backend.name === 'postgres' ? 2 : 1

  it(`${many} of the servers on one database sweep once an hour, and each shows the jobs of all`, async () => {
    const { databaseUrl = '' } = await backend.place()
    const folder = tempFolder()
    symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
    const clock = new VirtualClock(Date.UTC(2026, 0, 1, 0, 30))
    const log = listeningLog()
    const settings = {
      ...{ PORT: '0', PASSTHROUGH_PORT: '0', DATABASE_URL: databaseUrl, ONEFOLD_DATA: join(folder, 'data') },
      ...{ ONEFOLD_MASTER_KEY: newKey(), ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_DEFINITIONS: DEFINITIONS },
      ONEFOLD_SANDBOX: 'off',
    }
    const start = () => startServer(readSettings(settings, folder), log, { clock, home: folder })
    const servers: OnefoldServer[] = []
    for (let at = 0; at < many; at++) servers.push(await start())
    try {
      const sweeps = () => log.told.filter(({ message }) => message === 'what is past its retention was deleted').length
      for (let hour = 1; hour <= 3; hour++) {
        await clock.advance(3_600_000)
        await expect.poll(sweeps, { timeout: 10_000 }).toBe(hour)
      }
      await servers[0]?.services.jobs.add({ name: 'acme.waits', payload: { n: 1 }, environmentId: 'default' })
      const call = async (path: string, verb = 'GET') => {
        const headers = { authorization: `Bearer ${ADMIN}` }
        const answer = await fetch(`${servers.at(-1)?.url}${path}`, { method: verb, headers })
        return answer.text().then((text) => (text.startsWith('{') ? JSON.parse(text) : text))
      }
      const [job] = (await call('/job?name=acme.waits&status=waiting')).result
      expect(job).toMatchObject({ environment: 'default', attempts: 0, max_attempts: 12, last_error: null })
      expect((await call(`/job/${job.id}`)).payload).toEqual({ n: 1 })
      expect(await call('/metrics')).toContain('onefold_jobs_stored{name="acme.waits",status="waiting"} 1')
      expect(await call(`/job/${job.id}/retry`, 'POST')).toMatchObject({ id: job.id, status: 'waiting' })
      expect(await call(`/job/${job.id}`, 'DELETE')).toEqual({ id: job.id })
      expect((await call('/job?name=acme.waits')).result).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(sweeps()).toBe(3)
    } finally {
      await Promise.all(servers.map((server) => server.close()))
    }
  }, 120_000)
})
