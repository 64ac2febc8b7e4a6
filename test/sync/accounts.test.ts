import { beforeAll, expect, it } from 'vitest'
import type { Stand } from '../http/stand.ts'
import { onBothStands, seed } from './seeded.ts'

const PAYMENTS = 'payment-gateway/payments'
const at = (seconds: number) => new Date(Date.UTC(2025, 0, 1) + seconds * 1_000).toISOString()
const payment = (id: string, seconds: number, amount: number) => ({
  id,
  amount,
  currency: 'EUR',
  created_at: at(seconds),
})

/** Three accounts whose records share instants, and one that was not synced. */
async function fill(stand: Stand): Promise<void> {
  for (const [n, account] of ['acme-1', 'acme-2', 'acme-3'].entries()) {
    const records = Array.from({ length: 60 }, (_, i) =>
      payment(`${account}-p${String(i).padStart(2, '0')}`, Math.floor(i / 3) * (n + 1), i % 7),
    )
    await seed(stand, { account, of: PAYMENTS, records })
  }
  await seed(stand, { account: 'acme-4', of: 'payment-gateway/refunds', records: [] })
}

onBothStands((stand) => {
  beforeAll(() => fill(stand()))
  const get = (query: string, rest = '') => stand().call('GET', `/unified/${PAYMENTS}${rest}?${query}`)
  const all = async (query: string) => {
    const found: { id: string; created_at: string; amount: number }[] = []
    for (let cursor = ''; ; ) {
      const { body } = await get(`${query}&source=synced${cursor}`)
      found.push(...body.result)
      if (body.next_cursor === null) return found
      cursor = `&next_cursor=${body.next_cursor}`
    }
  }

  it('a list over a tenant is in one order over its accounts, whatever the pages, and each record comes once', async () => {
    for (const sort of ['-created_at', 'created_at']) {
      const whole = (await get(`tenant_id=tenant-1&source=synced&limit=1000&sort=${sort}`)).body.result
      expect(whole).toHaveLength(180)
      const times = whole.map(({ created_at: t }: { created_at: string }) => Date.parse(t))
      expect(times).toEqual([...times].sort((a: number, b: number) => (sort === 'created_at' ? a - b : b - a)))
      for (const limit of [1, 7, 59]) {
        const paged = await all(`tenant_id=tenant-1&limit=${limit}&sort=${sort}`)
        expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }: { id: string }) => id))
      }
    }
    const sorted = await all('tenant_id=tenant-1&limit=25&sort=-amount')
    expect(new Set(sorted.map(({ id }) => id)).size).toBe(180)
    expect(sorted.map(({ amount }) => amount)).toEqual(sorted.map(({ amount }) => amount).sort((a, b) => b - a))
  })

  it('accounts may be named, and those that were not synced are named back', async () => {
    const { body } = await get('integrated_account_id=acme-1,acme-4&source=synced&limit=3')
    expect(body).toMatchObject({ result_count: 3, is_partial_response: true })
    expect(body.errors).toMatchObject([{ integrated_account_id: 'acme-4', code: 'not_synced' }])
    expect((await get('integrated_account_id=acme-4&source=synced')).body).toMatchObject({ code: 'not_synced' })
    expect((await get('integrated_account_id=acme-1,nobody&source=synced')).body).toMatchObject({
      code: 'unknown_account',
    })
    const both = await get('integrated_account_id=acme-1,acme-2&tenant_id=tenant-1&source=synced')
    expect(both.body).toMatchObject({ code: 'invalid_parameter', where: 'tenant_id' })
  })

  it('a token sees its own accounts of a tenant, and a copy is read while its account must be connected again', async () => {
    const token = await stand().accountToken()
    const { body } = await stand().call('GET', `/unified/${PAYMENTS}?source=synced&tenant_id=tenant-1&limit=1000`, {
      token,
    })
    expect(body.result).toHaveLength(60)
    const foreign = `/unified/${PAYMENTS}?source=synced&integrated_account_id=acme-1,acme-2`
    expect((await stand().call('GET', foreign, { token })).body.code).toBe('unknown_account')
    const { accounts } = stand().server.services.stores
    await accounts.update('default', 'acme-3', { status: 'needs_reauth' }, { now: stand().clock.now() })
    expect((await get('integrated_account_id=acme-3&source=synced&limit=1')).status).toBe(200)
  })

  it('changes of a tenant are complete, by one cursor, and no busy account keeps the others waiting', async () => {
    const seen: string[] = []
    const firstOf: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await get(`tenant_id=tenant-1&limit=20${cursor}`, '/changes')
      seen.push(...body.result.map(({ id }: { id: string }) => id))
      firstOf.push(body.result[0]?.integrated_account_id)
      expect(body.errors).toMatchObject([{ integrated_account_id: 'acme-4' }])
      if (!body.has_more) break
      cursor = `&cursor=${body.next_cursor}`
    }
    expect(seen).toHaveLength(180)
    expect(new Set(seen).size).toBe(180)
    expect(firstOf.slice(0, 3)).toEqual(['acme-1', 'acme-2', 'acme-3'])
  })

  it('a cursor of changes is good for its own resource only', async () => {
    const { body } = await get('integrated_account_id=acme-1&limit=5', '/changes')
    await seed(stand(), {
      account: 'acme-1',
      of: 'payment-gateway/disputes',
      records: [{ id: 'd', created_at: at(0) }],
    })
    const other = `/unified/payment-gateway/disputes/changes?integrated_account_id=acme-1&cursor=${body.next_cursor}`
    expect((await stand().call('GET', other)).body).toMatchObject({ code: 'foreign_cursor' })
  })

  it('more accounts than one call merges are refused with what to do', async () => {
    const ids = Array.from({ length: 101 }, (_, n) => `a-${n}`).join(',')
    const { body } = await get(`integrated_account_id=${ids}&source=synced`)
    expect(body).toMatchObject({ code: 'invalid_parameter', where: 'integrated_account_id' })
  })

  it('changes have a retention of their own, and a reader who comes too late is told', async () => {
    const { stores } = stand().server.services
    const { next_cursor: place } = (await get('integrated_account_id=acme-2&limit=5', '/changes')).body
    await stand().call('PATCH', '/environment/default', { body: { retention_days: { changes: 2 } } })
    const day = 86_400_000
    expect(await stores.sweep(stand().clock.now() + day)).toMatchObject({ changes: 0 })
    expect(await stores.sweep(stand().clock.now() + 3 * day)).toMatchObject({ changes: 181, events: 0 })
    const late = await get(`integrated_account_id=acme-2&cursor=${place}`, '/changes')
    expect(late.body).toMatchObject({ code: 'expired_cursor' })
  })

  it('a file holds all of them', async () => {
    const { body } = await get('tenant_id=tenant-1&fields=id', '/export')
    expect(String(body).trimEnd().split('\n')).toHaveLength(180)
  })
})
