import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import type { Stores } from '../../server/stores/index.ts'
import { onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows, rawRun } from './raw.ts'

const MINUTE = 60_000

async function withAccount(stores: Stores): Promise<Stores> {
  await stores.accounts.create('default', { id: 'ia', integration: 'acme', tenantId: 't' }, T0)
  return stores
}

onBothDatabases((backend) => {
  it('an API token is shown once, stored as its hash and found by its value', async () => {
    const place = await backend.place()
    const { tokens } = await openAt(place)
    const input = { environmentId: 'default', role: 'admin', name: 'back end' } as const
    const { value, token } = await tokens.createApi(input, T0)
    expect(value.reveal()).toMatch(/^ofk_[A-Za-z0-9_-]{43}$/)
    expect(token).toMatchObject({ kind: 'api', environmentId: 'default', role: 'admin', expiresAt: null })
    expect(await tokens.check(value.reveal(), T0)).toEqual({ state: 'valid', token, limit: null })
    const rows = await rawRows(place, 'select * from tokens')
    expect(rows).toMatchObject([{ hash: createHash('sha256').update(value.reveal()).digest('hex') }])
    expect(JSON.stringify(rows) + inspect({ value, token })).not.toContain(value.reveal().slice(4))
    expect(await tokens.get('default', token.id)).toMatchObject({ name: 'back end' })
  })

  it('an account token carries its reach, read only where none was given', async () => {
    const { tokens } = await withAccount(await backend.open())
    const plain = await tokens.createAccount('default', { integratedAccountId: 'ia', expiresAt: T0 + MINUTE }, T0)
    expect(plain.value.reveal()).toMatch(/^ofa_/)
    expect(plain.token).toMatchObject({ effects: ['read'], methods: null, resources: null, customerId: null })
    const reach = {
      integratedAccountId: 'ia',
      methods: ['list', 'get'],
      resources: [],
      effects: ['read', 'money'],
      customerId: 'cus_1',
      expiresAt: null,
    } as const
    const narrow = await tokens.createAccount('default', { ...reach, prefix: 'key_test_' }, T0)
    expect(narrow.value.reveal()).toMatch(/^key_test_[A-Za-z0-9_-]{43}$/)
    const checked = await tokens.check(narrow.value.reveal(), T0)
    expect(checked).toMatchObject({ state: 'valid', token: { kind: 'account', environmentId: 'default', ...reach } })
    expect((await tokens.list('default', { integratedAccountId: 'ia' })).result).toHaveLength(2)
    expect((await tokens.list('default', { kind: 'api' })).result).toEqual([])
  })

  it('no token is made for an account or environment that is not there', async () => {
    const { tokens } = await withAccount(await backend.open())
    const input = { integratedAccountId: 'ia', expiresAt: null }
    await expect(tokens.createAccount('other', input, T0)).rejects.toMatchObject({ code: 'unknown_account' })
    await expect(tokens.createApi({ environmentId: 'nowhere', role: 'read' }, T0)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('unknown, expired and revoked values are told apart', async () => {
    const { tokens } = await withAccount(await backend.open())
    const { value, token } = await tokens.createAccount(
      'default',
      { integratedAccountId: 'ia', expiresAt: T0 + MINUTE },
      T0,
    )
    const stateAt = async (now: number) => (await tokens.check(value.reveal(), now)).state
    expect(await stateAt(T0 + MINUTE - 1)).toBe('valid')
    expect(await stateAt(T0 + MINUTE)).toBe('expired')
    expect(await tokens.revoke('other', token.id, T0)).toBe(false)
    expect(await tokens.revoke(null, token.id, T0)).toBe(false)
    expect(await stateAt(T0)).toBe('valid')
    expect(await tokens.revoke('default', token.id, T0 + 1)).toBe(true)
    expect(await tokens.revoke('default', token.id, T0 + 2)).toBe(false)
    expect(await stateAt(T0)).toBe('revoked')
    expect(await tokens.get('default', token.id)).toMatchObject({ revokedAt: T0 + 1 })
    for (const other of ['', `${value.reveal()}x`, value.reveal().toUpperCase(), token.id, 'a\0b']) {
      expect(await tokens.check(other, T0)).toEqual({ state: 'unknown' })
    }
  })

  it('tokens of another environment, and those that reach all, are not found here', async () => {
    const { tokens } = await backend.open()
    const theirs = await tokens.createApi({ environmentId: 'other', role: 'read' }, T0)
    const all = await tokens.createApi({ environmentId: null, role: 'owner' }, T0)
    expect(await tokens.get('default', theirs.token.id)).toBeNull()
    expect(await tokens.get('default', all.token.id)).toBeNull()
    expect((await tokens.list('default')).result).toEqual([])
    expect((await tokens.list(null)).result).toEqual([all.token])
    expect((await tokens.list('other')).result).toEqual([theirs.token])
  })

  it('a use is noted at most once a minute, also with many callers at once', async () => {
    const place = await backend.place()
    const { tokens } = await openAt(place)
    const { value, token } = await tokens.createApi({ environmentId: 'default', role: 'read' }, T0)
    const lastUse = async (now: number) => {
      await Promise.all(Array.from({ length: 20 }, () => tokens.check(value.reveal(), now)))
      return (await tokens.get('default', token.id))?.lastUsedAt
    }
    expect(await lastUse(T0 + 5)).toBe(T0 + 5)
    expect(await lastUse(T0 + 5 + MINUTE - 1)).toBe(T0 + 5)
    expect(await lastUse(T0 + 5 + MINUTE)).toBe(T0 + 5 + MINUTE)
  })

  it('a check is one query by an index', async () => {
    const place = await backend.place()
    const { tokens } = await openAt(place)
    for (let i = 0; i < 20; i++) await tokens.createApi({ environmentId: 'default', role: 'read' }, T0)
    if (backend.name === 'sqlite') {
      const plan = await rawRows(place, `explain query plan select * from tokens where hash = 'x'`)
      expect(plan[0]?.detail).toMatch(/SEARCH tokens USING INDEX .* \(hash=\?\)/)
      return
    }
    const indexes = await rawRows(place, `select indexdef from pg_indexes where tablename = 'tokens'`)
    expect(indexes.map((row) => row.indexdef)).toContainEqual(expect.stringMatching(/UNIQUE .* \(hash\)$/))
  })

  it('a use that cannot be noted refuses nobody and is logged, unless nothing can be written anyway', async () => {
    const place = await backend.place()
    const told: string[] = []
    const tell = (_fields: object, message: string) => void told.push(message)
    const { tokens } = await openAt(place, { log: { warn: tell, error: tell } })
    const { value } = await tokens.createApi({ environmentId: 'default', role: 'read' }, T0)
    const reader = await openAt(place, { readonly: true, log: { warn: tell, error: tell } })
    expect((await reader.tokens.check(value.reveal(), T0)).state).toBe('valid')
    expect(told).toEqual([])
    await rawRun(place, 'alter table tokens drop column last_used_at')
    expect((await tokens.check(value.reveal(), T0)).state).toBe('valid')
    expect(told).toEqual(['the use of a token could not be noted'])
  })

  it('a given value is adopted under a fixed id, and the one before it stops working', async () => {
    const { tokens } = await backend.open()
    const adopt = (value: string, now: number) =>
      tokens.adoptApi('bootstrap', new Secret(value), { environmentId: null, role: 'owner' }, now)
    const first = await adopt('first value', T0)
    expect(first).toMatchObject({ id: 'bootstrap', environmentId: null, role: 'owner', createdAt: T0 })
    expect(await adopt('first value', T0 + 1)).toEqual(first)
    await tokens.revoke(null, 'bootstrap', T0 + 2)
    await adopt('second value', T0 + 3)
    expect((await tokens.check('first value', T0)).state).toBe('unknown')
    expect((await tokens.check('second value', T0)).state).toBe('valid')
    expect((await tokens.list(null)).result).toHaveLength(1)
  })

  it('ended tokens are deleted after their time, the others stay', async () => {
    const { tokens } = await withAccount(await backend.open())
    const make = async (expiresAt: number | null) =>
      (await tokens.createAccount('default', { integratedAccountId: 'ia', expiresAt }, T0)).token.id
    const [expired, lasting, later, revoked] = [
      await make(T0 + 1),
      await make(null),
      await make(T0 + 99),
      await make(null),
    ]
    await tokens.revoke('default', revoked, T0 + 1)
    expect(await tokens.deleteEnded('other', T0 + 2)).toBe(0)
    expect(await tokens.deleteEnded('default', T0 + 1)).toBe(0)
    expect(await tokens.deleteEnded('default', T0 + 2)).toBe(2)
    expect(await tokens.get('default', expired)).toBeNull()
    expect((await tokens.list('default')).result.map((token) => token.id).sort()).toEqual([lasting, later].sort())
  })
})
