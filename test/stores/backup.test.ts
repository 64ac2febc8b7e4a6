import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { backUp, putBack } from '../../server/stores/backup.ts'
import { knownFrom, type Restore } from '../../server/stores/restores.ts'
import { failureOf } from '../support/code-of.ts'
import { newKey, onBothDatabases, openAt, T0, tempFolder } from './backends.ts'

const codeOf = async (work: Promise<unknown>): Promise<string> => (await failureOf(work)).code

const ACCOUNT = { integration: 'acme', tenantId: 't', status: 'active', authenticationMethod: 'key' } as const

async function openHome() {
  const [dataDir, keys] = [tempFolder(), [newKey()]]
  const stores = await openAt({ dataDir }, { masterKeys: keys })
  const credentials = new Secret({ key: 'ak_test_secret' })
  await stores.accounts.create('default', { ...ACCOUNT, id: 'ia_kept', credentials }, T0)
  return { dataDir, keys, stores, file: join(tempFolder(), 'copy.db') }
}

it('a backup is made beside a running server, for its owner only, and opens with the key alone', async () => {
  const { dataDir, keys, stores, file } = await openHome()
  await backUp(dataDir, file, T0 + 1)
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  expect(readFileSync(file).includes(keys[0] as string)).toBe(false)
  expect(await stores.restores.of('default')).toBeNull()
  expect(await codeOf(backUp(dataDir, file, T0 + 1))).toBe('config_invalid')
  await stores.accounts.create('default', { ...ACCOUNT, id: 'ia_after' }, T0 + 2)
  await stores.close()

  // Another key does not open it, and changes nothing.
  const before = readFileSync(join(dataDir, 'onefold.db'))
  expect(await codeOf(putBack({ dataDir, file, masterKeys: [newKey()] }, T0 + 3))).toBe('key_missing')
  expect(readFileSync(join(dataDir, 'onefold.db')).equals(before)).toBe(true)

  const aside = await putBack({ dataDir, file, masterKeys: keys }, T0 + 3)
  const restored = await openAt({ dataDir }, { masterKeys: keys })
  expect((await restored.accounts.load('default', 'ia_kept')).reveal()).toEqual({ key: 'ak_test_secret' })
  expect(await restored.accounts.get('default', 'ia_after')).toBeNull()
  expect(await restored.restores.of('default')).toMatchObject({ knownUntil: T0 + 1, foundAt: T0 + 3, resumedAt: null })
  expect(existsSync(aside ?? '')).toBe(true)
  expect(readdirSync(dataDir).filter((name) => name === 'restoring')).toEqual([])
})

it('while a server runs, or from a file that is none, nothing is put back', async () => {
  const { dataDir, keys, stores, file } = await openHome()
  await backUp(dataDir, file, T0)
  expect(await codeOf(putBack({ dataDir, file, masterKeys: keys }, T0))).toBe('store_locked')
  await stores.close()
  writeFileSync(file, readFileSync(file).subarray(0, 5_000))
  expect(await codeOf(putBack({ dataDir, file, masterKeys: keys }, T0))).toBe('config_invalid')
  writeFileSync(file, 'no database')
  expect(await codeOf(putBack({ dataDir, file, masterKeys: keys }, T0))).toBe('config_invalid')
  expect(await codeOf(putBack({ dataDir, file: `${file}.none`, masterKeys: keys }, T0))).toBe('config_invalid')
  const again = await openAt({ dataDir }, { masterKeys: keys })
  expect(await again.accounts.get('default', 'ia_kept')).not.toBeNull()
  expect(await again.restores.of('default')).toBeNull()
})

it('a copy that was moved into place by hand is found at the first start, once', async () => {
  const { dataDir, keys, file } = await openHome()
  await backUp(dataDir, file, T0 + 1)
  const copy = tempFolder()
  writeFileSync(join(copy, 'onefold.db'), readFileSync(file))
  const stores = await openAt({ dataDir: copy }, { masterKeys: keys })
  expect(await stores.restores.of('default')).toBeNull()
  expect(await stores.restores.find(T0 + 5)).toEqual(['default', 'other'])
  expect(await stores.restores.find(T0 + 6)).toEqual([])
  expect(await stores.restores.of('default')).toMatchObject({ knownUntil: T0 + 1, foundAt: T0 + 5 })
})

onBothDatabases((backend) => {
  it('places of readers end with a restore, and old rows go at their time still', async () => {
    const stores = await backend.open()
    const told = {
      type: 'payment.failed',
      tenantId: null,
      integratedAccountId: null,
      integration: null,
      livemode: null,
    }
    const tell = (at: number) =>
      stores.database.db
        .transaction()
        .execute((trx) => stores.events.append(trx, 'default', [{ ...told, data: {} }], at))
    const [first] = await tell(T0)
    await tell(T0 + 1)
    expect(await stores.restores.mark(T0 + 10)).toEqual(expect.arrayContaining(['default', 'other']))
    expect(await stores.restores.of('default')).toMatchObject({ knownUntil: T0 + 1, foundAt: T0 + 10 })
    expect(await codeOf(stores.events.pull('default', { after: first?.id }))).toBe('expired_cursor')
    expect(await codeOf(stores.events.pull('other', { after: first?.id }))).toBe('expired_cursor')
    await tell(T0 + 20)
    const { result, next } = await stores.events.pull('default')
    expect(result.map(({ createdAt }) => createdAt)).toEqual([T0, T0 + 1, T0 + 20])
    expect((await stores.events.pull('default', { after: next })).result).toEqual([])
    expect(await stores.events.deleteBefore('default', T0 + 1)).toBe(1)
    expect(await stores.events.deleteBefore('default', T0 + 20)).toBe(1)
    expect((await stores.events.pull('default')).result).toHaveLength(1)
    expect(await codeOf(stores.events.pull('default', { after: first?.id }))).toBe('expired_cursor')

    // Whoever resumes does so for one environment, once; the next restore waits again.
    const resume = (environment: string) =>
      stores.database.db.transaction().execute((trx) => stores.restores.resume(trx, environment, 'token:t', T0 + 30))
    expect([await resume('default'), await resume('default')]).toEqual([true, false])
    expect((await stores.restores.waiting()).map(({ environmentId }) => environmentId)).toEqual(['other'])
    expect(await stores.restores.mark(T0 + 40)).toHaveLength(2)
    expect(await stores.restores.of('default')).toMatchObject({ foundAt: T0 + 40, resumedAt: null, resumedBy: null })
  })
})

it('what is told counts from when it may have been known', () => {
  const restore: Restore = { environmentId: 'default', knownUntil: 1, foundAt: 100, resumedAt: null, resumedBy: null }
  const about = (occurredAt: number | null) => ({ recordId: 'in_1', occurredAt })
  expect(knownFrom(restore, { createdAt: 150, about: about(60) })).toBe(60)
  expect(knownFrom(restore, { createdAt: 150, about: about(140) })).toBe(140)
  // Found while all waits, and nobody says since when it is so.
  expect(knownFrom(restore, { createdAt: 150, about: about(null) })).toBe(100)
  expect(knownFrom({ ...restore, resumedAt: 200 }, { createdAt: 250, about: about(null) })).toBe(250)
  expect(knownFrom(restore, { createdAt: 150, about: null })).toBe(150)
})
