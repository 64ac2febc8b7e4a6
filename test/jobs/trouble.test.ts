import { describe, expect, it } from 'vitest'
import { onBothDatabases, T0 } from '../stores/backends.ts'
import { rawRun } from '../stores/raw.ts'
import { gate, newJob, openDesk } from './desk.ts'

onBothDatabases((backend) => {
  if (backend.name === 'postgres') {
    describe('connections that are cut', () => {
      const cut = `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`

      it('while nothing runs are made anew, and jobs go on', async () => {
        const desk = await openDesk(backend)
        const seen: unknown[] = []
        desk.jobs.handle('acme.note', ({ n }) => void seen.push(n))
        await desk.jobs.start()
        await desk.jobs.add(newJob({ payload: { n: 1 } }))
        await expect.poll(() => seen).toEqual([1])
        await rawRun(desk.place, cut)
        await expect
          .poll(
            () =>
              desk.jobs.add(newJob({ payload: { n: 2 } })).then(
                () => true,
                () => false,
              ),
            { timeout: 10_000 },
          )
          .toBe(true)
        await expect.poll(() => seen.includes(2), { timeout: 20_000 }).toBe(true)
        await expect.poll(desk.all, { timeout: 10_000 }).toEqual([])
      }, 60_000)

      it('while a job runs do not end it, and its end is stored', async () => {
        const desk = await openDesk(backend)
        const { passed, open } = gate()
        let runs = 0
        desk.jobs.handle('acme.note', async () => {
          runs++
          await passed
        })
        await desk.jobs.start()
        await desk.jobs.add(newJob())
        await expect.poll(() => runs).toBe(1)
        await rawRun(desk.place, cut)
        open()
        await expect.poll(() => desk.all().catch(() => null), { timeout: 20_000 }).toEqual([])
        expect(runs).toBe(1)
      }, 60_000)
    })

    it('a library that gives up is started again', async () => {
      const desk = await openDesk(backend)
      const seen: unknown[] = []
      desk.jobs.handle('acme.note', ({ n }) => void seen.push(n))
      await desk.jobs.start()
      await desk.jobs.add(newJob({ payload: { n: 1 } }))
      await expect.poll(() => seen).toEqual([1])
      // So it does when a newer version of it changes the tables below.
      await rawRun(desk.place, `select pg_notify('worker:migrate', '{"breaking":true,"migrationNumber":99}')`)
      await expect.poll(() => desk.log.told.some(({ message }) => message.includes('breaking migration'))).toBe(true)
      process.exitCode = undefined
      await desk.jobs.add(newJob({ payload: { n: 2 } }))
      await expect
        .poll(async () => {
          await desk.passTime(5_000)
          return seen
        })
        .toEqual([1, 2])
    })

    it('a role that may not make the tables is told so', async () => {
      const place = await backend.place()
      await rawRun(place, 'create role meek login password $$meek$$; grant all on schema public to meek')
      const url = new URL(place.databaseUrl ?? '')
      url.username = 'meek'
      url.password = 'meek'
      const refused = await openDesk(backend, { databaseUrl: url.href }).catch((error) => error)
      expect(refused).toMatchObject({ code: 'store_failed', details: { hint: expect.stringContaining('CREATE') } })
    })
  }

  describe('an end that cannot be stored', () => {
    it('leaves the job claimed, and it runs again when the claim has run out', async () => {
      const desk = await openDesk(backend)
      const runs: number[] = []
      const { passed, open } = gate()
      desk.jobs.handle('acme.note', async (_payload, { attempt }) => {
        runs.push(attempt)
        if (attempt === 1) await passed
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob())
      await expect.poll(() => runs).toEqual([1])
      if (backend.name === 'postgres') return open()
      await rawRun(desk.place, `create trigger stuck before delete on jobs begin select raise(abort, 'no'); end`)
      open()
      await expect.poll(() => desk.log.told.some(({ level }) => level === 'error')).toBe(true)
      expect(await desk.all()).toMatchObject([{ status: 'running', attempts: 1 }])
      await rawRun(desk.place, 'drop trigger stuck')
      await desk.passTime(75_000)
      await expect.poll(() => runs).toEqual([1, 2])
      await expect.poll(desk.all).toEqual([])
    })
  })

  it('dead jobs are forgotten after their time, and no others', async () => {
    const desk = await openDesk(backend)
    desk.jobs.handle('acme.note', () => {
      throw new Error('no')
    })
    await desk.jobs.start()
    await desk.jobs.add(newJob({ maxAttempts: 1 }))
    await desk.jobs.add(newJob({ maxAttempts: 5 }))
    const statuses = async () => (await desk.all()).map(({ status, attempts }) => `${status} ${attempts}`).sort()
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(['dead 1', 'waiting 1'])
    const now = backend.name === 'sqlite' ? T0 : Date.now()
    expect(await desk.jobs.forgetDead(now - 1_000)).toBe(0)
    expect(await desk.jobs.forgetDead(now + 3_600_000)).toBe(1)
    expect(await statuses()).toEqual(['waiting 1'])
  }, 30_000)
})
