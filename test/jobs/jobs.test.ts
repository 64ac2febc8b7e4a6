import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine/index.ts'
import type { Job, JobContext } from '../../server/jobs/index.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, gate, newJob, openDesk } from './desk.ts'

const SECOND = 1_000
const HOUR = 3_600_000

/** Collects what a handler was given. */
function recorder() {
  const runs: { payload: unknown; context: JobContext }[] = []
  const handler = async (payload: unknown, context: JobContext) => void runs.push({ payload, context })
  return { runs, handler }
}

const byKey = (jobs: readonly Job[], payload: number) => jobs.find((job) => job.payload.n === payload)

onBothDatabases((backend) => {
  describe('a job', () => {
    it('runs once, with its payload and environment, and is gone', async () => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.jobs.handle('acme.note', handler)
      await desk.jobs.start()
      await desk.jobs.add(newJob({ payload: { deep: [{ text: 'ü€😀' }] } }))
      await desk.jobs.add(newJob({ payload: { of: 'nobody' }, environmentId: null }))
      await expect.poll(() => runs.length).toBe(2)
      expect(runs.map(({ payload }) => payload)).toEqual(
        expect.arrayContaining([{ deep: [{ text: 'ü€😀' }] }, { of: 'nobody' }]),
      )
      const [first] = runs.filter(({ context }) => context.environmentId === 'default')
      expect(first?.context).toMatchObject({ attempt: 1, isLastAttempt: false })
      expect(runs.some(({ context }) => context.environmentId === null)).toBe(true)
      await expect.poll(desk.all).toEqual([])
    })

    it('exists exactly when the transaction of its state commits', async () => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.jobs.handle('acme.note', handler)
      await desk.jobs.start()
      const { db } = desk.stores.database
      const rename = (name: string, fails: boolean) =>
        db.transaction().execute(async (trx) => {
          await trx.updateTable('environments').set({ name }).where('id', '=', 'default').execute()
          await desk.jobs.enqueue(trx, newJob({ payload: { name } }))
          for (let i = 0; i < 20; i++) await trx.selectFrom('environments').select('id').execute()
          if (fails) throw new Error('rolled back')
        })
      await expect(rename('lost', true)).rejects.toThrow('rolled back')
      await rename('kept', false)
      await expect.poll(() => runs.length).toBe(1)
      expect(runs[0]?.payload).toEqual({ name: 'kept' })
      await expect.poll(desk.all).toEqual([])
      expect((await desk.stores.environments.get('default'))?.name).toBe('kept')
    })

    it('for later waits until then', async () => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.jobs.handle('acme.note', handler)
      await desk.jobs.start()
      const now = backend.name === 'sqlite' ? 1_750_000_000_000 : Date.now()
      await desk.jobs.add(newJob({ runAt: now + HOUR }))
      await desk.passTime(HOUR - 60 * SECOND)
      expect(await desk.all()).toMatchObject([{ status: 'waiting', attempts: 0 }])
      expect(runs).toEqual([])
      await desk.passTime(60 * SECOND)
      await expect.poll(() => runs.length).toBe(1)
    })

    it('that nobody handles here waits for a process that does', async () => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.jobs.handle('acme.note', handler)
      await desk.jobs.start()
      await desk.jobs.add(newJob({ name: 'acme.newer' }))
      await desk.jobs.add(newJob())
      await expect.poll(() => runs.length).toBe(1)
      await expect.poll(desk.all).toMatchObject([{ name: 'acme.newer', status: 'waiting', attempts: 0 }])
    })

    it.each([
      ['a NUL and a lone surrogate', { text: 'a\u0000b', half: '\ud800' }],
      ['names of prototypes', JSON.parse('{"__proto__": {"x": 1}, "constructor": 1}') as Record<string, unknown>],
      ['quotes and SQL', { text: `'); drop table jobs; -- "` }],
      ['great depth', deep(200)],
    ])('carries %s unharmed', async (_what, payload) => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.jobs.handle('acme.note', handler)
      await desk.jobs.start()
      await desk.jobs.add(newJob({ payload }))
      await expect.poll(() => runs.length).toBe(1)
      expect(JSON.stringify(runs[0]?.payload)).toBe(JSON.stringify(payload))
    })

    it('that makes no sense is refused before it is stored', async () => {
      const desk = await openDesk(backend)
      const refused = { code: 'internal' }
      await expect(desk.jobs.add(newJob({ name: 'Bad Name' }))).rejects.toMatchObject(refused)
      await expect(desk.jobs.add(newJob({ payload: { text: 'x'.repeat(300_000) } }))).rejects.toMatchObject(refused)
      await expect(desk.jobs.add(newJob({ payload: [] as never }))).rejects.toMatchObject(refused)
      await expect(desk.jobs.add(newJob({ maxAttempts: 0 }))).rejects.toMatchObject(refused)
      await expect(desk.jobs.add(newJob({ runAt: Number.NaN }))).rejects.toMatchObject(refused)
      expect(await desk.all()).toEqual([])
    })
  })

  describe('a job that fails', () => {
    async function failing(maxAttempts: number, error: () => unknown): Promise<Desk & { attempts: number[] }> {
      const desk = await openDesk(backend)
      const attempts: number[] = []
      desk.jobs.handle('acme.note', async (_payload, { attempt }) => {
        attempts.push(attempt)
        throw error()
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob({ maxAttempts }))
      return { ...desk, attempts }
    }

    it('is tried again after pauses that grow, and is dead in the end: kept, seen and counted', async () => {
      const desk = await failing(3, () => new EngineError('rate_limited', 'Too fast'))
      await expect
        .poll(desk.all)
        .toMatchObject([{ status: 'waiting', attempts: 1, lastError: 'rate_limited: Too fast' }])
      await desk.passTime(2_000)
      expect(desk.attempts).toEqual([1])
      await desk.passTime(1_000)
      await expect.poll(desk.all).toMatchObject([{ status: 'waiting', attempts: 2 }])
      await desk.passTime(6_000)
      expect(desk.attempts).toEqual([1, 2])
      await desk.passTime(2_000)
      await expect.poll(desk.all).toMatchObject([{ status: 'dead', attempts: 3, maxAttempts: 3 }])
      await desk.passTime(100 * HOUR)
      expect(desk.attempts).toEqual([1, 2, 3])
      expect(await desk.jobs.counts()).toEqual([{ name: 'acme.note', status: 'dead', count: 1 }])
      expect(desk.log.told.filter(({ level }) => level === 'error')).toHaveLength(1)
      expect(await desk.metrics.render()).toContain('onefold_jobs{name="acme.note",outcome="dead"} 1')
    })

    it('has its pause stretched by chance, so that a crowd does not come back at once', async () => {
      const desk = await openDesk(backend)
      const { runs, handler } = recorder()
      desk.random.value = 0.99
      desk.jobs.handle('acme.note', async (payload, context) => {
        await handler(payload, context)
        throw new Error('no')
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob())
      await expect.poll(desk.all).toMatchObject([{ status: 'waiting', attempts: 1 }])
      await desk.passTime(3_500)
      expect(runs).toHaveLength(1)
      await desk.passTime(1_000)
      await expect.poll(() => runs.length).toBe(2)
    })

    it('keeps no words of strangers: an error that is none of ours may quote anything', async () => {
      const desk = await failing(1, () => new SyntaxError('Unexpected token in {"api_key": "hush"}'))
      await expect.poll(desk.all).toMatchObject([{ status: 'dead' }])
      expect((await desk.all())[0]?.lastError).toMatch(/^internal: SyntaxError; the log has it/)
    })

    it('can be tried anew by hand, or deleted; one that runs can be neither', async () => {
      const desk = await openDesk(backend)
      let fails = true
      const { passed, open } = gate()
      desk.jobs.handle('acme.note', async () => {
        if (fails) throw new Error('no')
        await passed
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob({ maxAttempts: 1, payload: { n: 1 } }))
      await desk.jobs.add(newJob({ maxAttempts: 1, payload: { n: 2 } }))
      await expect.poll(async () => (await desk.all()).filter(({ status }) => status === 'dead').length).toBe(2)
      const [second, first] = (await desk.all()).map(({ id }) => id) as [string, string]
      expect(await desk.jobs.remove(second)).toBe(true)
      expect(await desk.jobs.get(second)).toBeNull()
      fails = false
      expect(await desk.jobs.retry(first)).toBe(true)
      await expect.poll(() => desk.jobs.get(first)).toMatchObject({ status: 'running', attempts: 1 })
      expect(await desk.jobs.retry(first)).toBe(false)
      expect(await desk.jobs.remove(first)).toBe(false)
      open()
      await expect.poll(desk.all).toEqual([])
      for (const id of ['0', '-1', 'x', '1e3', '9'.repeat(30), "1' or '1"]) {
        expect(await desk.jobs.get(id)).toBeNull()
        expect(await desk.jobs.retry(id)).toBe(false)
        expect(await desk.jobs.remove(id)).toBe(false)
      }
    })

    it('because it never ends is left behind when its time is over, and tried again', async () => {
      const desk = await openDesk(backend)
      const signals: boolean[] = []
      const hang = async (_payload: unknown, { signal, attempt }: JobContext) => {
        signal.addEventListener('abort', () => signals.push(signal.aborted))
        if (attempt === 1) await new Promise(() => undefined)
      }
      desk.jobs.handle('acme.note', hang, { timeoutMs: 5 * SECOND })
      await desk.jobs.start()
      await desk.jobs.add(newJob())
      await expect.poll(desk.all).toMatchObject([{ status: 'running' }])
      await desk.passTime(5 * SECOND)
      await expect
        .poll(desk.all)
        .toMatchObject([{ status: 'waiting', lastError: 'timeout: The job did not end within 5 seconds' }])
      expect(signals).toEqual([true])
      await desk.passTime(3 * SECOND)
      await expect.poll(desk.all).toEqual([])
    })
  })

  describe('a key', () => {
    it('replaces what waits under it, in its environment and of its name only', async () => {
      const desk = await openDesk(backend)
      const later = { runAt: Date.now() + 48 * HOUR, key: 'k' }
      await desk.jobs.add(newJob({ ...later, payload: { n: 1 } }))
      await desk.jobs.add(newJob({ ...later, payload: { n: 2 }, environmentId: 'other' }))
      await desk.jobs.add(newJob({ ...later, payload: { n: 3 }, name: 'acme.other' }))
      await desk.jobs.add(newJob({ ...later, payload: { n: 4 }, key: 'x'.repeat(2_000) }))
      await desk.jobs.add(newJob({ ...later, payload: { n: 5 } }))
      await desk.jobs.add(newJob({ ...later, payload: { n: 6 }, key: 'x'.repeat(2_000) }))
      expect((await desk.all()).map(({ payload }) => payload.n).sort()).toEqual([2, 3, 5, 6])
    })

    it('of what runs belongs to the next: the one that runs is not repeated', async () => {
      const desk = await openDesk(backend)
      const { passed, open } = gate()
      const seen: unknown[] = []
      desk.jobs.handle('acme.note', async ({ n }) => {
        seen.push(n)
        if (n === 1) await passed.then(() => Promise.reject(new Error('no')))
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob({ key: 'k', payload: { n: 1 } }))
      await expect.poll(() => seen).toEqual([1])
      await desk.jobs.add(newJob({ key: 'k', payload: { n: 2 } }))
      await expect.poll(() => seen).toEqual([1, 2])
      open()
      await expect.poll(async () => byKey(await desk.all(), 1)?.status).toBe('dead')
    })

    it('clears the failures of what waited under it', async () => {
      const desk = await openDesk(backend)
      let fails = true
      desk.jobs.handle('acme.note', async () => {
        if (fails) throw new Error('no')
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob({ key: 'k' }))
      await expect.poll(desk.all).toMatchObject([{ status: 'waiting', attempts: 1 }])
      fails = false
      await desk.jobs.add(newJob({ key: 'k', payload: { n: 2 } }))
      await expect.poll(desk.all).toEqual([])
    })
  })

  describe('a queue', () => {
    it('runs its jobs one at a time and in order, and holds nobody else up', async () => {
      const desk = await openDesk(backend)
      let atOnce = 0
      let most = 0
      const order: unknown[] = []
      desk.jobs.handle('acme.note', async ({ n }) => {
        most = Math.max(most, ++atOnce)
        order.push(n)
        await new Promise((resolve) => setTimeout(resolve, 5))
        atOnce--
      })
      const { passed, open } = gate()
      const free: unknown[] = []
      desk.jobs.handle('acme.free', async ({ n }) => {
        free.push(n)
        await passed
      })
      for (let n = 0; n < 12; n++) await desk.jobs.add(newJob({ queue: 'q', payload: { n } }))
      for (let n = 0; n < 3; n++) await desk.jobs.add(newJob({ name: 'acme.free', payload: { n } }))
      await desk.jobs.start()
      await expect.poll(() => order.length, { timeout: 10_000 }).toBe(12)
      expect(most).toBe(1)
      expect(order).toEqual([...order].sort((a, b) => Number(a) - Number(b)))
      expect(free).toHaveLength(3)
      open()
    })

    it('is not held up by one of its jobs that failed', async () => {
      const desk = await openDesk(backend)
      const seen: unknown[] = []
      desk.jobs.handle('acme.note', async ({ n }) => {
        seen.push(n)
        if (n === 1) throw new Error('no')
      })
      await desk.jobs.add(newJob({ queue: 'q', payload: { n: 1 } }))
      await desk.jobs.add(newJob({ queue: 'q', payload: { n: 2 } }))
      await desk.jobs.start()
      await expect.poll(() => seen).toEqual([1, 2])
    })
  })

  describe('many jobs', () => {
    it('run side by side, a bounded number at once', async () => {
      const desk = await openDesk(backend)
      let atOnce = 0
      let most = 0
      let done = 0
      desk.jobs.handle('acme.note', async () => {
        most = Math.max(most, ++atOnce)
        await new Promise((resolve) => setTimeout(resolve, 2))
        atOnce--
        done++
      })
      await desk.jobs.start()
      for (let n = 0; n < 60; n++) await desk.jobs.add(newJob({ payload: { n } }))
      await expect.poll(() => done, { timeout: 10_000 }).toBe(60)
      expect(most).toBeLessThanOrEqual(10)
      expect(most).toBeGreaterThan(1)
    })

    it('are listed newest first, by environment, status and name', async () => {
      const desk = await openDesk(backend)
      const runAt = Date.now() + 48 * HOUR
      for (let n = 1; n <= 5; n++) await desk.jobs.add(newJob({ runAt, payload: { n } }))
      await desk.jobs.add(newJob({ runAt, payload: { n: 6 }, environmentId: 'other' }))
      await desk.jobs.add(newJob({ runAt, payload: { n: 7 }, environmentId: null, name: 'acme.other' }))
      const list = async (query: object) =>
        (await desk.jobs.list({ environments: ['default'], limit: 100, ...query })).map(({ payload }) => payload.n)
      expect(await list({})).toEqual([5, 4, 3, 2, 1])
      expect(await list({ environments: ['other'] })).toEqual([6])
      expect(await list({ environments: ['default', null] })).toEqual([7, 5, 4, 3, 2, 1])
      expect(await list({ environments: ['default', null], name: 'acme.other' })).toEqual([7])
      expect(await list({ status: 'dead' })).toEqual([])
      expect(await list({ environments: ['nowhere'] })).toEqual([])
      const two = await desk.jobs.list({ environments: ['default'], limit: 2 })
      expect(await list({ limit: 2, before: Number(two.at(-1)?.id) })).toEqual([3, 2])
    })
  })

  describe('a stop', () => {
    it('lets running jobs end and takes no more', async () => {
      const desk = await openDesk(backend)
      const { passed, open } = gate()
      const seen: unknown[] = []
      desk.jobs.handle('acme.note', async ({ n }) => {
        await passed
        seen.push(n)
      })
      await desk.jobs.start()
      await desk.jobs.add(newJob({ payload: { n: 1 } }))
      await expect.poll(desk.all).toMatchObject([{ status: 'running' }])
      const stopped = desk.jobs.stop(60_000)
      await desk.jobs.add(newJob({ payload: { n: 2 } }))
      open()
      await stopped
      expect(seen).toEqual([1])
      expect(await desk.all()).toMatchObject([{ status: 'waiting', attempts: 0, payload: { n: 2 } }])
    })

    it('cuts off what does not end in the grace, which then runs again and has lost no attempt', async () => {
      const desk = await openDesk(backend)
      desk.jobs.handle('acme.note', () => new Promise(() => undefined))
      await desk.jobs.start()
      await desk.jobs.add(newJob({ maxAttempts: 1 }))
      await expect.poll(desk.all).toMatchObject([{ status: 'running' }])
      await desk.jobs.stop(0)
      await expect.poll(desk.all).toMatchObject([{ status: 'waiting', attempts: 0 }])
    })
  })
})

function deep(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = { end: true }
  for (let at = 0; at < levels; at++) value = { down: value }
  return value
}
