import { describe, expect, it } from 'vitest'
import type { Job } from '../../server/jobs/index.ts'
import { onBothDatabases } from '../stores/backends.ts'
import { gate, newJob, openDesk } from './desk.ts'

const HOUR = 3_600_000

const byNumber = (jobs: readonly Job[], n: number) => jobs.find(({ payload }) => payload.n === n)

onBothDatabases((backend) => {
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
      await expect.poll(async () => byNumber(await desk.all(), 1)?.status).toBe('dead')
    })

    it('clears the failures of what waited under it', async () => {
      const desk = await openDesk(backend)
      let fails = true
      desk.jobs.handle('acme.note', () => {
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
      desk.jobs.handle('acme.note', ({ n }) => {
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
