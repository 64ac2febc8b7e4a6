import { beforeAll, expect, it } from 'vitest'
import type { Stand } from '../http/stand.ts'
import { onBothStands, seed } from '../sync/seeded.ts'

const OF = 'payment-gateway/customers'

const customer = (id: string, email: string | null, metadata: object = {}) => ({
  ...{ id, name: id.toUpperCase(), email, phone: null, metadata, created_at: '2025-01-01T00:00:00Z' },
})

async function fill(stand: Stand): Promise<void> {
  await seed(stand, { account: 'acme-1', of: OF, records: [customer('a1', 'Jo@x.test'), customer('a2', 'li@x.test')] })
  await seed(stand, {
    ...{ account: 'acme-2', of: OF },
    records: [customer('b1', 'jo@x.test'), customer('b2', null, { crm: '7' })],
  })
  const records = [customer('c1', null, { crm_id: '7' }), customer('c2', 'alone@y.test')]
  await seed(stand, { account: 'acme-3', of: 'subscription-management/customers', records })
  await seed(stand, { account: 'acme-4', of: 'payment-gateway/refunds', records: [] })
}

interface Found {
  readonly customers: readonly { readonly id: string }[]
  readonly links: readonly object[]
  readonly held_apart: readonly object[]
}

onBothStands((stand) => {
  beforeAll(() => fill(stand()))
  const call = (verb: string, path: string, body?: unknown) =>
    stand().call(verb, path, body === undefined ? {} : { body })
  const groups = async (query = 'tenant_id=tenant-1') => {
    const { body } = await call('GET', `/customer-identity?${query}`)
    return body.result.map((one: Found) => one.customers.map(({ id }) => id))
  }

  it('customers with one address are one, with the reason; accounts without customers are named', async () => {
    const { body } = await call('GET', '/customer-identity?tenant_id=tenant-1')
    expect(body).toMatchObject({
      result: [
        {
          customers: [
            { integrated_account_id: 'acme-1', integration: 'acme', id: 'a1', name: 'A1', email: 'Jo@x.test' },
            { integrated_account_id: 'acme-2', id: 'b1' },
          ],
          links: [
            {
              ...{ a: { integrated_account_id: 'acme-1', id: 'a1' }, b: { integrated_account_id: 'acme-2', id: 'b1' } },
              ...{ by: 'email', value: 'jo@x.test', verdict_id: null },
            },
          ],
          held_apart: [],
        },
      ],
      errors: [{ integrated_account_id: 'acme-4', code: 'not_synced' }],
      ignored: [],
      next_cursor: null,
    })
    expect(await groups('tenant_id=tenant-1&all=true')).toEqual([['a1', 'b1'], ['a2'], ['b2'], ['c1'], ['c2']])
  })

  it('is paged without a gap or a double', async () => {
    const seen: string[][] = []
    for (let cursor = ''; ; ) {
      const { body } = await call('GET', `/customer-identity?tenant_id=tenant-1&all=true&limit=2${cursor}`)
      seen.push(...body.result.map((one: Found) => one.customers.map(({ id }) => id)))
      if (body.next_cursor === null) break
      cursor = `&next_cursor=${body.next_cursor}`
    }
    expect(seen).toEqual(await groups('tenant_id=tenant-1&all=true'))
  })

  it('goes by the rules of the environment, and back when they are taken back', async () => {
    const rules = [{ by: 'email' }, { by: 'metadata', keys: ['crm', 'crm_id'] }, { by: 'domain', except: ['y.test'] }]
    expect((await call('PATCH', '/environment/default', { identity_rules: rules })).body.identity_rules).toEqual(rules)
    expect(await groups()).toEqual([
      ['a1', 'a2', 'b1'],
      ['b2', 'c1'],
    ])
    const one = (await call('GET', '/customer-identity/c1?integrated_account_id=acme-3')).body
    expect(one).toMatchObject({ customers: [{ id: 'b2' }, { id: 'c1' }], links: [{ by: 'metadata', value: '7' }] })
    await call('PATCH', '/environment/default', { identity_rules: [{ by: 'email' }] })
    expect(await groups()).toEqual([['a1', 'b1']])
    const wrong = await call('PATCH', '/environment/default', { identity_rules: [{ by: 'shoe size' }] })
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_body' } })
  })

  it('a person can say otherwise, change it, and take it back', async () => {
    const of = (account: string, id: string) => ({ integrated_account_id: account, id })
    const pair = [of('acme-2', 'b1'), of('acme-1', 'a1')]
    const said = (await call('POST', '/customer-identity/verdict', { customers: pair, verdict: 'different' })).body
    expect(said).toMatchObject({
      customers: [of('acme-1', 'a1'), of('acme-2', 'b1')],
      verdict: 'different',
      note: null,
    })
    expect(await groups()).toEqual([])
    const one = (await call('GET', '/customer-identity/b1?integrated_account_id=acme-2')).body
    expect(one).toMatchObject({ customers: [{ id: 'b1' }], held_apart: [{ by: 'email', verdict_id: said.id }] })
    const anew = (await call('POST', '/customer-identity/verdict', { customers: pair, verdict: 'same', note: 'Jo' }))
      .body
    expect(anew).toMatchObject({ id: said.id, verdict: 'same', note: 'Jo' })
    expect((await call('GET', '/customer-identity/b1?integrated_account_id=acme-2')).body).toMatchObject({
      links: [{ by: 'verdict', value: null, verdict_id: said.id }],
    })
    expect((await call('GET', '/customer-identity/verdict?integrated_account_id=acme-2')).body.result).toEqual([anew])
    expect((await call('GET', '/customer-identity/verdict?integrated_account_id=acme-3')).body.result).toEqual([])
    expect((await call('DELETE', `/customer-identity/verdict/${said.id}`)).body).toEqual(anew)
    expect((await call('DELETE', `/customer-identity/verdict/${said.id}`)).status).toBe(404)
    expect(await groups()).toEqual([['a1', 'b1']])
  })

  it('refuses what cannot be', async () => {
    const of = (account: string, id: string) => ({ integrated_account_id: account, id })
    const post = (customers: object[]) => call('POST', '/customer-identity/verdict', { customers, verdict: 'same' })
    expect((await post([of('acme-1', 'a1'), of('acme-1', 'a1')])).body).toMatchObject({ code: 'invalid_body' })
    expect((await post([of('acme-1', 'a1'), of('nobody', 'a1')])).body).toMatchObject({ code: 'unknown_account' })
    expect((await call('GET', '/customer-identity')).body).toMatchObject({ code: 'ambiguous_account' })
    expect((await call('GET', '/customer-identity?integrated_account_id=acme-4')).body).toMatchObject({
      code: 'not_synced',
    })
    expect((await call('GET', '/customer-identity/zz?integrated_account_id=acme-1')).body).toMatchObject({
      code: 'record_not_found',
    })
  })

  it('what was said of customers goes with their account', async () => {
    const { accounts, identityVerdicts } = stand().server.services.stores
    const pair = [
      { accountId: 'acme-1', customerId: 'a2' },
      { accountId: 'acme-3', customerId: 'c2' },
    ] as const
    await identityVerdicts.put('default', { pair, verdict: 'same', note: null, madeBy: 'token:t' }, 1)
    await accounts.delete('default', 'acme-3', { now: stand().clock.now() })
    expect((await identityVerdicts.list({ environmentId: 'default' })).result).toEqual([])
  })
})
