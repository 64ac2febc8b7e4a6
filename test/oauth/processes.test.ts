import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { consentedGrant } from './consent.ts'
import type { Fault } from './provider.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await openCluster(4)
}, 300_000)
afterAll(() => cluster.close())
beforeEach(() => {
  Object.assign(cluster.oauth.counts, { requests: 0, granted: 0, refused: 0 })
  Object.assign(cluster.oauth, { graceS: 0, holdsApi: false })
  cluster.oauth.faults.length = 0
})

/** Connects an account as a person would. Its token is over. */
async function connected(id: string): Promise<void> {
  await cluster.connect(id, await consentedGrant(cluster.oauth, id))
  Object.assign(cluster.oauth.counts, { requests: 0, granted: 0, refused: 0 })
}

/** Calls an account over all processes at once. */
const callMany = (id: string, count: number, query?: string) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => {
      const server = cluster.servers[index % cluster.servers.length]
      if (server === undefined) throw new Error('no server')
      return cluster.call(server, id, query)
    }),
  )

const statuses = (answers: readonly { status: number }[]) => [...new Set(answers.map(({ status }) => status))]

describe('4 processes on one Postgres, before a server that rotates and detects reuse', () => {
  it('renew an expired token exactly once for 400 concurrent calls', async () => {
    await connected('many')
    const answers = await callMany('many', 400)
    expect(statuses(answers)).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests: 1, granted: 1, refused: 0 })
    expect(new Set(answers.map(({ body }) => body.jti)).size).toBe(1)
    await cluster.expire('many')
    expect(statuses(await callMany('many', 40))).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests: 2, granted: 2, refused: 0 })
  })

  it.each<[string, Fault[], number]>([
    ['429', [429, 429], 3],
    ['5xx', [503, 500], 3],
    ['cut connections', ['reset', 'reset'], 3],
    ['a slow answer', ['slow'], 1],
    ['an answer that does not come in time, of a request that was not worked on', ['hold'], 2],
  ])('lose no grant through %s', async (name, faults, requests) => {
    const id = `fault-${name.replace(/\W+/g, '-')}`
    await connected(id)
    cluster.oauth.faults.push(...faults)
    expect(statuses(await callMany(id, 40))).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests, granted: 1, refused: 0 })
    expect(await cluster.state(id)).toEqual({ status: 'active', tokenVersion: 2 })
  })

  it('answer what can be tried again while the endpoint stays down, and go on when it is back', async () => {
    await connected('down')
    cluster.oauth.faults.push(...Array<Fault>(200).fill(503))
    const answers = await callMany('down', 8, '&deadline_ms=1200')
    for (const { status, body } of answers)
      expect({ status, retryable: body.retryable }).toEqual({ status: 504, retryable: true })
    expect(await cluster.state('down')).toEqual({ status: 'active', tokenVersion: 1 })
    cluster.oauth.faults.length = 0
    expect(statuses(await callMany('down', 8))).toEqual([200])
    expect(await cluster.state('down')).toEqual({ status: 'active', tokenVersion: 2 })
  })
})

describe('a process killed', () => {
  /** Lets a process of its own begin a renewal that meets this fault, and kills it there. */
  async function killedAt(id: string, fault: Fault): Promise<void> {
    const victim = await cluster.join()
    cluster.oauth.faults.push(fault)
    const held = cluster.oauth.nextHeld()
    const lost = cluster.call(victim, id).catch((error: unknown) => error)
    await held
    await victim.kill()
    expect(await lost).toBeInstanceOf(Error)
  }

  it('before its request was worked on loses nothing', async () => {
    await connected('before')
    await killedAt('before', 'hold')
    expect(statuses(await callMany('before', 20))).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests: 2, granted: 1, refused: 0 })
  })

  it('after it stored the grant loses nothing', async () => {
    await connected('after')
    cluster.oauth.holdsApi = true
    await killedAt('after', 'pass')
    cluster.oauth.holdsApi = false
    expect(await cluster.state('after')).toEqual({ status: 'active', tokenVersion: 2 })
    expect(statuses(await callMany('after', 20))).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests: 1, granted: 1, refused: 0 })
  })

  it('in between is recovered from by the same refresh token, where the server has a grace period', async () => {
    await connected('grace')
    cluster.oauth.graceS = 60
    await killedAt('grace', 'swallow')
    expect(cluster.oauth.counts).toMatchObject({ requests: 1, granted: 1 })
    expect(statuses(await callMany('grace', 20))).toEqual([200])
    expect(cluster.oauth.counts).toEqual({ requests: 2, granted: 2, refused: 0 })
    expect(await cluster.state('grace')).toEqual({ status: 'active', tokenVersion: 2 })
  })

  it('in between makes the account needs_reauth for that reason, once and without a loop, where it has none', async () => {
    await connected('lost')
    await killedAt('lost', 'swallow')
    const answers = await callMany('lost', 20)
    expect(statuses(answers)).toEqual([401])
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(['needs_reauth']))
    expect(cluster.oauth.counts).toEqual({ requests: 2, granted: 1, refused: 1 })
    expect(await cluster.state('lost')).toMatchObject({ status: 'needs_reauth' })
    expect(statuses(await callMany('lost', 8))).toEqual([401])
    expect(cluster.oauth.counts.requests).toBe(2)
    const { result } = await cluster.stores.events.pull('default', { integratedAccountId: 'lost' })
    expect(result.map(({ type }) => type)).toContain('integrated_account.needs_reauth')
    expect(JSON.stringify(result)).toContain('renewal_interrupted')
  })
})
