import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
let admin: string

beforeAll(async () => {
  stand = await openStand()
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  admin = (await stand.call('POST', '/api-token', { body: { role: 'admin' } })).body.token
})
afterAll(() => stand.close())

/** A job that no handler is there for waits for ever. */
async function addJob(environmentId: string | null, n: number): Promise<string> {
  await stand.server.services.jobs.add({ name: 'acme.waits', payload: { n }, environmentId })
  const [job] = await stand.server.services.jobs.list({ environments: [environmentId], limit: 1 })
  return job?.id ?? ''
}

describe('jobs', () => {
  it('are listed newest first, in pages, without what they work on', async () => {
    const ids = [await addJob('default', 1), await addJob('default', 2), await addJob('default', 3)]
    const first = await stand.call('GET', '/job?limit=2&name=acme.waits', { token: admin })
    expect(first.body).toMatchObject({ limit: 2, result: [{ id: ids[2] }, { id: ids[1] }] })
    expect(first.body.result[0]).toEqual({
      id: ids[2],
      environment: 'default',
      name: 'acme.waits',
      status: 'waiting',
      attempts: 0,
      max_attempts: 12,
      run_at: '2026-01-01T00:00:00.000Z',
      last_error: null,
      created_at: '2026-01-01T00:00:00.000Z',
    })
    const next = `/job?limit=2&name=acme.waits&next_cursor=${first.body.next_cursor}`
    expect((await stand.call('GET', next, { token: admin })).body).toMatchObject({
      result: [{ id: ids[0] }],
      next_cursor: null,
    })
    expect((await stand.call('GET', '/job?status=dead', { token: admin })).body.result).toEqual([])
    expect((await stand.call('GET', `/job/${ids[0]}`, { token: admin })).body.payload).toEqual({ n: 1 })
    expect((await stand.call('GET', '/job?status=done', { token: admin })).body.code).toBe('invalid_parameter')
    expect((await stand.call('GET', '/job?limit=0', { token: admin })).body.code).toBe('invalid_parameter')
  })

  it('are retried and deleted by admins, and that is audited', async () => {
    const id = await addJob('default', 4)
    expect((await stand.call('POST', `/job/${id}/retry`, { token: admin })).body).toMatchObject({ id, attempts: 0 })
    expect((await stand.call('DELETE', `/job/${id}`, { token: admin })).body).toEqual({ id })
    expect((await stand.call('GET', `/job/${id}`, { token: admin })).body.code).toBe('not_found')
    const acts = (await stand.call('GET', `/audit-log?target=job:${id}`)).body.result
    expect(acts.map(({ action }: { action: string }) => action).sort()).toEqual(['job.delete', 'job.retry'])
  })

  it('of another environment and of the installation are as unknown as any', async () => {
    for (const environmentId of ['theirs', null]) {
      const id = await addJob(environmentId, 5)
      for (const [verb, path] of [
        ['GET', ''],
        ['POST', '/retry'],
        ['DELETE', ''],
      ] as const) {
        expect((await stand.call(verb, `/job/${id}${path}`, { token: admin })).body.code).toBe('not_found')
      }
      const listed = (await stand.call('GET', '/job?limit=1000', { token: admin })).body.result
      expect(listed.map((job: { id: string }) => job.id)).not.toContain(id)
      const { result } = (await stand.call('GET', '/job?limit=1000')).body
      expect(result.some((job: { id: string }) => job.id === id)).toBe(environmentId === null)
    }
  })

  it('are for admins', async () => {
    const id = await addJob('default', 6)
    const { token } = (await stand.call('POST', '/api-token', { body: { role: 'write' } })).body
    const account = await stand.accountToken({ effects: ['read', 'write'] })
    for (const given of [token, account]) {
      for (const [verb, path] of [
        ['GET', '/job'],
        ['GET', `/job/${id}`],
        ['POST', `/job/${id}/retry`],
        ['DELETE', `/job/${id}`],
      ] as const) {
        expect((await stand.call(verb, path, { token: given })).body.code).toBe('forbidden')
      }
    }
  })

  it('are counted for Prometheus', async () => {
    await addJob('default', 7)
    const { body } = await stand.call('GET', '/metrics', { token: null })
    expect(body).toMatch(/onefold_jobs_stored\{name="acme.waits",status="waiting"\} [1-9]/)
  })

  it('sweep once an hour what is past its retention', async () => {
    await stand.call('GET', '/integrated-account')
    await stand.server.services.stores.requests.flush()
    await stand.clock.leap(40 * 86_400_000)
    const swept = () => stand.log.told.find(({ message }) => message === 'what is past its retention was deleted')
    await expect.poll(swept).toMatchObject({ fields: { requests: expect.any(Number) } })
    const { body } = await stand.call('GET', '/metrics', { token: null })
    expect(body).toContain('onefold_jobs_runs{name="stores.sweep",outcome="done"} 1')
  })
})
