import { expect, it } from 'vitest'
import type { OverrideOwner, Stores } from '../../server/stores/index.ts'
import { onBothDatabases, T0 } from './backends.ts'

const ENVIRONMENT: OverrideOwner = { environmentId: 'default', integration: 'acme', integratedAccountId: null }
const ACCOUNT: OverrideOwner = { ...ENVIRONMENT, integratedAccountId: 'a' }

const layer = (name: string) => ({ pay: { resources: { customers: { fields: { name } } } } })
const put = (name: string) => ({ change: 'set', override: layer(name), note: null, actor: 'token:t' }) as const
const GONE = { change: 'removed', override: {}, note: null, actor: 'token:t' } as const

const withAccount = async (stores: Stores): Promise<Stores> => {
  for (const environment of ['default', 'other']) {
    await stores.accounts.create(environment, { id: 'a', integration: 'acme', tenantId: 't' }, T0)
  }
  return stores
}

onBothDatabases((backend) => {
  it('versions are added one after the other, and the highest counts', async () => {
    const { overrides } = await withAccount(await backend.open())
    expect(await overrides.current(ACCOUNT)).toBeNull()
    const first = await overrides.add(ACCOUNT, 0, { ...put('one'), note: 'why' }, T0)
    expect(first).toEqual({ ...put('one'), version: 1, restored: undefined, note: 'why', at: T0 })
    await overrides.add(ACCOUNT, 1, put('two'), T0 + 1)
    const back = await overrides.add(ACCOUNT, 2, { ...put('one'), change: 'rolled_back', restored: 1 }, T0 + 2)
    expect(await overrides.current(ACCOUNT)).toEqual(back)
    expect(await overrides.get(ACCOUNT, 1)).toEqual(first)
    expect(await overrides.get(ACCOUNT, 9)).toBeNull()
    const page = await overrides.list(ACCOUNT, { limit: 2 })
    expect(page.result.map(({ version }) => version)).toEqual([3, 2])
    const rest = await overrides.list(ACCOUNT, { limit: 2, after: page.next })
    expect(rest).toMatchObject({ result: [{ version: 1 }], next: null })
  })

  it('of many who replace the same version one wins and the others are told', async () => {
    const { overrides } = await withAccount(await backend.open())
    const names = Array.from({ length: 10 }, (_, i) => `n${i}`)
    const all = await Promise.allSettled(names.map((name) => overrides.add(ACCOUNT, 0, put(name), T0)))
    const won = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const lost = all.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(won).toHaveLength(1)
    expect(lost).toEqual(Array(9).fill('conflict'))
    expect(await overrides.current(ACCOUNT)).toEqual(won[0])
    await expect(overrides.add(ACCOUNT, 5, put('gap'), T0)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('layers are those of the account and of its environment for the integration', async () => {
    const { overrides } = await withAccount(await backend.open())
    expect(await overrides.layers('default', 'acme', 'a')).toEqual({ environment: undefined, account: undefined })
    await overrides.add(ENVIRONMENT, 0, put('old'), T0)
    await overrides.add(ENVIRONMENT, 1, put('env'), T0)
    await overrides.add({ ...ENVIRONMENT, integration: 'zeta' }, 0, put('zeta'), T0)
    await overrides.add({ ...ENVIRONMENT, environmentId: 'other' }, 0, put('other'), T0)
    await overrides.add({ ...ACCOUNT, environmentId: 'other' }, 0, put('other'), T0)
    await overrides.add(ACCOUNT, 0, put('own'), T0)
    expect(await overrides.layers('default', 'acme', 'a')).toEqual({ environment: layer('env'), account: layer('own') })
    expect([...(await overrides.ofAccounts('default', 'acme'))]).toEqual([['a', layer('own')]])
    await overrides.add(ACCOUNT, 1, GONE, T0)
    expect([...(await overrides.ofAccounts('default', 'acme'))]).toEqual([])
    expect(await overrides.layers('default', 'acme', 'a')).toEqual({ environment: layer('env'), account: undefined })
  })

  it('go with their account, so that one of the same id has none', async () => {
    const { accounts, overrides } = await withAccount(await backend.open())
    await overrides.add(ENVIRONMENT, 0, put('env'), T0)
    await overrides.add(ACCOUNT, 0, put('own'), T0)
    await overrides.add({ ...ACCOUNT, environmentId: 'other' }, 0, put('theirs'), T0)
    await accounts.delete('default', 'a', { now: T0 })
    await expect(overrides.add(ACCOUNT, 0, put('late'), T0)).rejects.toMatchObject({ code: 'not_found' })
    await accounts.create('default', { id: 'a', integration: 'acme', tenantId: 't' }, T0)
    expect(await overrides.list(ACCOUNT)).toMatchObject({ result: [], next: null })
    expect(await overrides.current(ENVIRONMENT)).toMatchObject({ version: 1 })
    expect(await overrides.current({ ...ACCOUNT, environmentId: 'other' })).toMatchObject({ version: 1 })
  })
})
