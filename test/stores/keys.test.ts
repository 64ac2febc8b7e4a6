import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { embeddedAdminToken, embeddedMasterKey, parseMasterKeys, rotateKeyFile } from '../../server/stores/index.ts'
import { createVault } from '../../server/stores/vault.ts'
import { tempFolder } from './backends.ts'
import { otherProcess } from './processes.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

it('a master key is made once, owner only, and is one that works', () => {
  const folder = join(tempFolder(), 'made', 'here')
  const first = embeddedMasterKey(folder)
  expect(first).toMatchObject({ created: true, path: join(folder, 'master-key') })
  expect(createVault([first.value.reveal()]).ring.ids.size).toBe(1)
  expect([modeOf(folder), modeOf(first.path)]).toEqual(['700', '600'])
  const second = embeddedMasterKey(folder)
  expect(second.created).toBe(false)
  expect(second.value.reveal()).toBe(first.value.reveal())
  expect(`${first.value} ${JSON.stringify(first)}`).not.toContain(first.value.reveal())
})

it('an admin token is kept the same way', () => {
  const folder = tempFolder()
  const { value, path } = embeddedAdminToken(folder)
  expect(value.reveal()).toMatch(/^ofk_[A-Za-z0-9_-]{43}$/)
  expect(readFileSync(path, 'utf8').trim()).toBe(value.reveal())
  expect(readdirSync(folder)).toEqual(['admin-token'])
})

it('a file that others could read is closed to them', () => {
  const folder = tempFolder()
  const { path } = embeddedMasterKey(folder)
  chmodSync(path, 0o644)
  embeddedMasterKey(folder)
  expect(modeOf(path)).toBe('600')
})

it('an empty file is an error, not a new key', () => {
  const folder = tempFolder()
  writeFileSync(join(folder, 'master-key'), '\n')
  expect(() => embeddedMasterKey(folder)).toThrow(expect.objectContaining({ code: 'store_failed' }))
})

it('processes that start at once all get the same key', async () => {
  const folder = tempFolder()
  const others = await Promise.all(Array.from({ length: 4 }, () => otherProcess('key', folder)))
  const keys = others.map(({ said }) => said)
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toBe(embeddedMasterKey(folder).value.reveal())
  expect(existsSync(join(folder, 'master-key'))).toBe(true)
  expect(readdirSync(folder)).toHaveLength(1)
})

it('a setting lists keys with commas or white space', () => {
  expect(parseMasterKeys(' a, b\nc ,,')).toEqual(['a', 'b', 'c'])
  expect(parseMasterKeys('')).toEqual([])
})

it('a kept key is rotated with both keys in the file until the work is done', async () => {
  const folder = tempFolder()
  const { path, source } = embeddedMasterKey(folder)
  const [old] = source.read()
  const lines = () => parseMasterKeys(readFileSync(path, 'utf8'))
  await expect(rotateKeyFile(folder, () => Promise.reject(new Error('broken off')))).rejects.toThrow('broken off')
  const [fresh, second] = lines()
  expect(second).toBe(old)
  expect(fresh).not.toBe(old)
  expect(source.read()).toEqual([fresh, old])
  await rotateKeyFile(folder, async (during) => expect(during.read()).toEqual([fresh, old]))
  expect(lines()).toEqual([fresh])
  expect(modeOf(path)).toBe('600')
})

it('two rotations of a kept key never run at once', async () => {
  const folder = tempFolder()
  const second = await rotateKeyFile(folder, () => rotateKeyFile(folder, async () => 'ran').catch(({ code }) => code))
  expect(second).toBe('store_locked')
  expect(await rotateKeyFile(folder, async () => 'ran')).toBe('ran')
})
