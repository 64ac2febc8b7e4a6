import { expect, it } from 'vitest'
import type { NewApproval } from '../../server/stores/approvals.ts'
import type { Stores } from '../../server/stores/index.ts'
import { newId } from '../../server/stores/index.ts'
import { onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows } from './raw.ts'

const HOUR = 3_600_000
const POLICY = { tags: null, limits: null, approval: 'human', elicitation: true, redact: false } as const
const REACH = { methods: null, resources: null, effects: ['read', 'money'], rateLimit: null, expiresAt: null } as const

async function withAccounts(stores: Stores): Promise<Stores> {
  for (const id of ['one', 'two']) {
    await stores.accounts.create('default', { id, integration: 'acme', tenantId: 't' }, T0)
  }
  await stores.accounts.create('other', { id: 'one', integration: 'acme', tenantId: 't' }, T0)
  return stores
}

async function agentIn(stores: Stores, accounts: readonly string[] = ['one', 'two'], more: object = {}) {
  const input = { ...POLICY, ...REACH, name: 'helper', tenantId: 't', integratedAccountIds: accounts, ...more }
  return await stores.tokens.createAgent('default', input, T0)
}

const SUBJECT = {
  ...{ environmentId: 'default', integratedAccountId: 'one', operation: 'proxy/refunds/create', effect: 'money' },
  ...{ amount: 500, currency: 'EUR', requestHash: 'a', builtHash: 'b', definition: 'c' },
} as const

async function approvalOf(stores: Stores, tokenId: string, more: object = {}) {
  const own = { id: newId('apr'), tokenId, request: { secret: 'jenny@example.com' }, expiresAt: T0 + HOUR }
  const input = { ...SUBJECT, requestHash: newId('call'), policy: 'human', ...own, ...more } as NewApproval<unknown>
  return await stores.approvals.create(input, T0)
}

onBothDatabases((backend) => {
  it('a token for agents carries its policy and loses an account that is deleted', async () => {
    const stores = await withAccounts(await backend.open())
    const limits = [{ currency: 'EUR', perCall: 100, perDay: 1_000 }]
    const { value, token } = await agentIn(stores, ['two', 'one'], { limits, tags: ['billing'], redact: true })
    expect(value.reveal()).toMatch(/^ofm_[A-Za-z0-9_-]{43}$/)
    const shown = { kind: 'agent', tenantId: 't', integratedAccountIds: ['two', 'one'], limits, tags: ['billing'] }
    expect(token).toMatchObject({ ...shown, redact: true, approval: 'human', effects: ['read', 'money'] })
    expect(await stores.tokens.check(value.reveal(), T0)).toEqual({ state: 'valid', token, limit: null })
    for (const integratedAccountId of ['one', 'two']) {
      expect((await stores.tokens.list('default', { kind: 'agent', integratedAccountId })).result).toMatchObject([
        { id: token.id },
      ])
    }
    await stores.accounts.delete('default', 'two', { now: T0 })
    await stores.accounts.create('default', { id: 'two', integration: 'acme', tenantId: 't' }, T0)
    const check = await stores.tokens.check(value.reveal(), T0)
    expect(check).toMatchObject({ state: 'valid', token: { integratedAccountIds: ['one'] } })
  })

  it('no token for agents is made for an account of another environment', async () => {
    const stores = await withAccounts(await backend.open())
    await stores.accounts.create('other', { id: 'theirs', integration: 'acme', tenantId: 't' }, T0)
    await expect(agentIn(stores, ['one', 'theirs'])).rejects.toMatchObject({ code: 'unknown_account' })
    expect((await stores.tokens.list('default')).result).toEqual([])
  })

  it('many calls at once never spend more than a day has room for', async () => {
    const stores = await withAccounts(await backend.open())
    const { token } = await agentIn(stores)
    const spend = { tokenId: token.id, currency: 'EUR', day: '2026-11-29', amount: 30 }
    const taken = await Promise.all(Array.from({ length: 100 }, () => stores.tokenSpend.reserve(spend, 1_000)))
    expect(taken.filter(Boolean)).toHaveLength(33)
    expect(await stores.tokenSpend.spent(token.id, spend.day)).toEqual(new Map([['EUR', 990]]))
    await stores.tokenSpend.release(spend)
    expect(await stores.tokenSpend.reserve({ ...spend, amount: 41 }, 1_000)).toBe(false)
    expect(await stores.tokenSpend.reserve({ ...spend, amount: 40 }, 1_000)).toBe(true)
    expect(await stores.tokenSpend.reserve({ ...spend, day: '2026-11-30', amount: 1_001 }, 1_000)).toBe(false)
    expect(await stores.tokenSpend.reserve({ ...spend, currency: 'USD', amount: 1_000 }, 1_000)).toBe(true)
    await stores.tokenSpend.deleteBefore('2026-11-30')
    expect(await stores.tokenSpend.spent(token.id, spend.day)).toEqual(new Map())
  })

  it('an approval is decided once, used once, and only in time', async () => {
    const stores = await withAccounts(await backend.open())
    const { token } = await agentIn(stores)
    const { approvals } = stores
    const made = await approvalOf(stores, token.id)
    expect(made).toMatchObject({
      ...SUBJECT,
      requestHash: expect.any(String),
      policy: 'human',
      state: 'pending',
      tokenId: token.id,
      outcome: null,
    })
    expect(await approvals.claim('default', made.id, T0)).toBeNull()
    const decide = (state: 'released' | 'refused') => approvals.decide('default', made.id, { state, by: 'me' }, T0 + 1)
    const decided = await Promise.all(
      Array.from({ length: 20 }, (_, at) => decide(at % 2 === 0 ? 'released' : 'refused')),
    )
    expect(decided.filter((one) => one !== null)).toHaveLength(1)
    const state = decided.find((one) => one !== null)?.state
    const second = await approvalOf(stores, token.id, { policy: 'confirm' })
    expect(second).toMatchObject({ state: 'released', decidedBy: 'policy:confirm' })
    const claims = await Promise.all(Array.from({ length: 20 }, () => approvals.claim('default', second.id, T0 + 2)))
    expect(claims.filter((one) => one !== null)).toHaveLength(1)
    await approvals.settle('default', second.id, 'unknown')
    expect(await approvals.get('default', second.id)).toMatchObject({
      state: 'used',
      outcome: 'unknown',
      usedAt: T0 + 2,
    })
    const late = await approvalOf(stores, token.id)
    expect(await approvals.decide('default', late.id, { state: 'released', by: 'me' }, T0 + HOUR)).toBeNull()
    expect((await approvals.list('default', { state: 'pending' })).result).toMatchObject([{ id: late.id }])
    expect((await approvals.list('default', { tokenId: 'tok_other' })).result).toEqual([])
    expect((await approvals.list('default')).result.map((one) => one.state).sort()).toEqual(
      ['pending', 'used', String(state)].sort(),
    )
  })

  it('the same call is asked for once while it stands, and goes with its token or account', async () => {
    const place = await backend.place()
    const stores = await withAccounts(await openAt(place))
    const { token } = await agentIn(stores)
    const made = await approvalOf(stores, token.id, { requestHash: 'a' })
    expect(await stores.approvals.standing(token.id, 'a', 'c', T0)).toMatchObject({ id: made.id })
    expect(await stores.approvals.standing(token.id, 'a', 'c', T0 + HOUR)).toBeNull()
    expect(await stores.approvals.standing(token.id, 'a', 'd', T0)).toBeNull()
    expect(await stores.approvals.standing('tok_other', 'a', 'c', T0)).toBeNull()
    expect(await stores.approvals.countOpen(token.id, T0)).toBe(1)
    expect(await stores.approvals.get('other', made.id)).toBeNull()
    await expect(stores.approvals.request('other', made.id)).rejects.toMatchObject({ code: 'not_found' })
    expect(await stores.approvals.request('default', made.id)).toEqual({ secret: 'jenny@example.com' })
    expect(JSON.stringify(await rawRows(place, 'select * from approvals'))).not.toContain('jenny')
    await expect(approvalOf(stores, token.id, { integratedAccountId: 'nowhere' })).rejects.toMatchObject({
      code: 'unknown_account',
    })
    await stores.accounts.delete('default', 'one', { now: T0 })
    expect(await stores.approvals.get('default', made.id)).toBeNull()
  })

  it('the same call at once makes one approval, until it is used, refused or over', async () => {
    const stores = await withAccounts(await backend.open())
    const { token } = await agentIn(stores)
    const { approvals } = stores
    const ask = async (now = T0, more: object = {}) => {
      const own = { id: newId('apr'), tokenId: token.id, request: {}, expiresAt: now + HOUR, policy: 'human' }
      return (await approvals.create({ ...SUBJECT, ...own, ...more } as NewApproval<unknown>, now)).id
    }
    const same = async (now?: number) => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => ask(now)))
      expect(new Set(ids).size).toBe(1)
      return ids[0] as string
    }
    const first = await same()
    expect(await ask(T0, { definition: 'reloaded' })).not.toBe(first)
    await approvals.decide('default', first, { state: 'released', by: 'me' }, T0)
    expect(await same()).toBe(first)
    expect(await approvals.claim('default', first, T0)).not.toBeNull()
    const second = await same()
    await approvals.decide('default', second, { state: 'refused', by: 'me' }, T0)
    const third = await same()
    const fourth = await same(T0 + HOUR)
    expect(new Set([first, second, third, fourth]).size).toBe(4)
    expect(await approvals.get('default', third)).toMatchObject({ state: 'pending' })
  })
})
