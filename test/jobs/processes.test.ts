import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { JobContext } from '../../server/jobs/index.ts'
import { type Backend, newKey, onBothDatabases, openAt, type Place } from '../stores/backends.ts'
import { rawRows, rawRun } from '../stores/raw.ts'
import { ROOT } from '../support/house.ts'
import { newJob, openDesk } from './desk.ts'

/** A process of its own that runs jobs. */
interface Worker {
  readonly said: string[]
  kill(): Promise<void>
  leave(): Promise<void>
}

/** Starts worker.mjs on the built product and waits until it runs jobs. */
async function startWorker(where: Place & { readonly masterKeys: readonly string[]; readonly schedule?: string }) {
  if (!existsSync(join(ROOT, 'dist/server/jobs/index.js'))) throw new Error('dist/ is not built: run `npm run build`')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), JSON.stringify(where)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  const ended = once(child, 'exit')
  const worker: Worker = {
    said,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    leave: async () => {
      child.stdin.end()
      await ended
    },
  }
  await expect.poll(() => said.includes('ready') || child.exitCode !== null, { timeout: 30_000 }).toBe(true)
  return worker
}

const masterKeys = [newKey()]

/** An installation with the tables that the handlers of worker.mjs write to. */
async function prepared(backend: Backend): Promise<Place> {
  const place = await backend.place()
  await (await openAt(place, { masterKeys })).close()
  await rawRun(place, 'create table busy (now integer, most integer)')
  await rawRun(place, 'insert into busy values (0, 0)')
  await rawRun(place, 'create table ran (n integer, process text)')
  return place
}

/** Enqueues from this process while others run; on SQLite as the tools do. */
async function enqueuer(backend: Backend, place: Place) {
  const desk = await openDesk(backend, place, { masterKeys, role: 'tool' })
  return desk.jobs
}

onBothDatabases((backend) => {
  const processes = backend.name === 'postgres' ? 4 : 1

  describe(`${processes} process${processes > 1 ? 'es' : ''}`, () => {
    it('run each job exactly once, and a queue one job at a time', async () => {
      const place = await prepared(backend)
      const where = { ...place, masterKeys }
      const workers = await Promise.all(Array.from({ length: processes }, () => startWorker(where)))
      const jobs = await enqueuer(backend, place)
      for (let n = 0; n < 40; n++) await jobs.add(newJob({ payload: { n }, queue: 'one-lane' }))
      await expect.poll(async () => (await rawRows(place, 'select n from ran')).length, { timeout: 60_000 }).toBe(40)
      expect(await rawRows(place, 'select most from busy')).toEqual([{ most: 1 }])
      for (let n = 100; n < 300; n++) await jobs.add(newJob({ payload: { n } }))
      await expect.poll(async () => (await rawRows(place, 'select n from ran')).length, { timeout: 60_000 }).toBe(240)
      const ran = await rawRows(place, 'select n, process from ran')
      expect(new Set(ran.map(({ n }) => n)).size).toBe(240)
      expect(new Set(ran.map((row) => row.process)).size).toBe(processes)
      await Promise.all(workers.map((worker) => worker.leave()))
    }, 150_000)

    it('fire a schedule once a slot', async () => {
      const place = await prepared(backend)
      const where = { ...place, masterKeys, schedule: '* * * * * *' }
      const workers = await Promise.all(Array.from({ length: processes }, () => startWorker(where)))
      const fired = async () => Number((await rawRows(place, 'select fired_at from job_schedules'))[0]?.fired_at)
      const began = await fired()
      await expect.poll(async () => (await fired()) - began, { timeout: 30_000 }).toBeGreaterThan(4_000)
      await Promise.all(workers.map((worker) => worker.leave()))
      const slots = Math.floor((await fired()) / 1_000) - Math.floor(began / 1_000)
      const waiting = (await (await enqueuer(backend, place)).counts()).length
      const ran = (await rawRows(place, 'select n from ran')).length
      expect(ran + waiting).toBeLessThanOrEqual(slots)
      expect(ran).toBeGreaterThan(0)
    }, 90_000)

    it('end what they run when asked to leave', async () => {
      const place = await prepared(backend)
      const worker = await startWorker({ ...place, masterKeys })
      await (await enqueuer(backend, place)).add(newJob({ name: 'acme.slow' }))
      await expect.poll(() => worker.said, { timeout: 30_000 }).toContain('began 1')
      await worker.leave()
      expect(worker.said).toContain('ended 1')
    }, 60_000)
  })

  describe('a process that is killed', () => {
    it('loses nothing: its job runs again elsewhere, as the next attempt', async () => {
      const place = await prepared(backend)
      const worker = await startWorker({ ...place, masterKeys })
      const enqueuing = await openDesk(backend, place, { masterKeys, role: 'tool' })
      await enqueuing.jobs.add(newJob({ name: 'acme.hang', payload: { n: 7 }, queue: 'lane' }))
      await expect.poll(() => worker.said, { timeout: 30_000 }).toContain('hangs 7 1')
      await enqueuing.jobs.add(newJob({ name: 'acme.hang', payload: { n: 8 }, queue: 'lane' }))
      await worker.kill()
      await enqueuing.stores.close()
      const desk = await openDesk(backend, place, { masterKeys })
      const runs: [unknown, number][] = []
      const note = async ({ n }: { readonly n?: unknown }, { attempt }: JobContext) => void runs.push([n, attempt])
      desk.jobs.handle('acme.hang', note)
      await desk.jobs.start()
      // On Postgres nobody knows at once that the process is gone: its claim must run out.
      await desk.passTime(61_000)
      await desk.passTime(15_000)
      await expect
        .poll(() => [...runs].sort(), { timeout: 10_000 })
        .toEqual([
          [7, 2],
          [8, 1],
        ])
      await expect.poll(desk.all).toEqual([])
    }, 60_000)

    it('again and again by the same job is not killed for ever: the job is dead in the end', async () => {
      const place = await prepared(backend)
      const worker = await startWorker({ ...place, masterKeys })
      const enqueuing = await openDesk(backend, place, { masterKeys, role: 'tool' })
      await enqueuing.jobs.add(newJob({ name: 'acme.hang', payload: { n: 7 }, maxAttempts: 1 }))
      await expect.poll(() => worker.said, { timeout: 30_000 }).toContain('hangs 7 1')
      await worker.kill()
      await enqueuing.stores.close()
      const desk = await openDesk(backend, place, { masterKeys })
      const runs: unknown[] = []
      desk.jobs.handle('acme.hang', async (payload) => void runs.push(payload))
      await desk.jobs.start()
      await desk.passTime(61_000)
      await desk.passTime(15_000)
      await expect
        .poll(desk.all)
        .toMatchObject([{ status: 'dead', attempts: 1, lastError: expect.stringContaining('cut off') }])
      expect(runs).toEqual([])
    }, 60_000)
  })

  describe('a process that lost touch', () => {
    it('is told so: what it runs is aborted once another process may have it', async () => {
      const desk = await openDesk(backend)
      const ended: unknown[] = []
      desk.jobs.handle('acme.note', async (_payload, { signal, attempt }) => {
        if (attempt > 1) return
        signal.addEventListener('abort', () => ended.push(signal.reason))
        await new Promise(() => undefined)
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob())
      await expect.poll(desk.all).toMatchObject([{ status: 'running' }])
      const taken =
        backend.name === 'sqlite'
          ? `update jobs set lease = 'of another', lease_until = 9000000000000`
          : `update graphile_worker._private_jobs set locked_by = 'another'`
      await rawRun(desk.place, taken)
      await desk.passTime(15_000)
      await expect.poll(() => ended).toMatchObject([{ code: 'canceled' }])
      expect(await desk.all()).toMatchObject([{ status: 'running', attempts: 1 }])
    })
  })

  describe('a schedule', () => {
    it('fires when it is due, and once for all that was missed', async () => {
      const desk = await openDesk(backend)
      const fired: unknown[] = []
      desk.jobs.handle('acme.note', async (_payload, { environmentId }) => void fired.push(environmentId))
      desk.jobs.schedule('acme.note', '0 * * * *')
      await desk.jobs.start()
      const at = async () => Number((await rawRows(desk.place, 'select fired_at from job_schedules'))[0]?.fired_at)
      await expect.poll(at).toBeGreaterThan(0)
      const began = await at()
      await desk.passTime(3_600_000)
      await expect.poll(() => fired).toEqual([null])
      await desk.jobs.stop()
      await rawRun(desk.place, `update job_schedules set fired_at = ${began - 72 * 3_600_000}`)
      await desk.stores.close()
      const again = await openDesk(backend, desk.place, { masterKeys })
      again.jobs.handle('acme.note', async (_payload, { environmentId }) => void fired.push(environmentId))
      again.jobs.schedule('acme.note', '0 * * * *')
      await again.jobs.start()
      await expect.poll(() => fired).toEqual([null, null])
      await expect.poll(again.all).toEqual([])
    })
  })
})
