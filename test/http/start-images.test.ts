import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../engine/index.ts'
import { DefinitionImages } from '../../server/definition-images.ts'
import { loadDefinitions } from '../../server/load-definitions.ts'
import { SILENT_LOG } from '../../server/log.ts'
import { ROOT } from '../support/house.ts'

const desk = mkdtempSync(join(tmpdir(), 'onefold-images-'))
const home = join(desk, 'home')
const [built, kept] = [join(desk, 'built'), join(desk, 'kept')]
const resource = join(home, 'integrations/acme/resources/account.yaml')
const image = join(kept, 'integration-acme.image')
const BASE = join(ROOT, 'test/definition/base')
const ACCOUNT = readFileSync(join(BASE, 'integrations/acme/resources/account.yaml'), 'utf8')
const warnings: string[] = []
const log: Log = { ...SILENT_LOG, warn: (_fields, message) => warnings.push(message) }

afterAll(() => rmSync(desk, { recursive: true, force: true }))

beforeEach(() => {
  rmSync(desk, { recursive: true, force: true })
  mkdirSync(built, { recursive: true })
  cpSync(BASE, home, { recursive: true })
  writeFileSync(join(built, 'code.sha256'), 'one')
  warnings.length = 0
})

const start = (folder: string | null = kept, folders: readonly string[] = []) =>
  loadDefinitions(folders, home, new DefinitionImages({ built, kept: folder, log }))
const inode = (): number => statSync(image).ino
const descriptionOf = ({ catalog }: Awaited<ReturnType<typeof start>>): string | undefined =>
  catalog?.integrations.get('acme')?.operations.get('account.get')?.description

describe('images of definitions', () => {
  it('are kept by a start, and serve the next one as they are', async () => {
    const whole = new Date(1_700_000_000_000)
    utimesSync(resource, whole, whole)
    const first = await start()
    expect(first.issues).toBe('')
    expect(readdirSync(kept).sort()).toEqual(['integration-acme.image', 'models.image'])
    const before = inode()
    // what is read from an image is not read from its files
    const { size } = statSync(resource)
    writeFileSync(resource, ACCOUNT.replace('Reads', 'Shows'))
    utimesSync(resource, whole, whole)
    expect(statSync(resource)).toMatchObject({ size })
    const second = await start()
    expect(descriptionOf(second)).toBe('Reads the account.')
    expect(second.catalog?.hash).toBe(first.catalog?.hash)
    expect(inode()).toBe(before)
  })

  it('give way when a file changes, comes or goes', async () => {
    await start()
    writeFileSync(resource, ACCOUNT.replace('Reads', 'Tells all of'))
    expect(descriptionOf(await start())).toBe('Tells all of the account.')
    writeFileSync(join(home, 'integrations/acme/resources/tags.yaml'), ACCOUNT.replace('name: account', 'name: tags'))
    expect((await start()).catalog?.integrations.get('acme')?.resources.size).toBe(4)
    rmSync(join(home, 'integrations/acme/resources/tags.yaml'))
    expect((await start()).catalog?.integrations.get('acme')?.resources.size).toBe(3)
    writeFileSync(resource, ACCOUNT.replace('verb: GET', 'verb: FETCH'))
    expect((await start()).issues).toContain('`FETCH` is not allowed here')
  })

  it('stay when only the time of a file changes, and note it', async () => {
    await start()
    const body = readFileSync(image, 'utf8').split('\n')[1]
    const before = inode()
    utimesSync(resource, new Date(0), new Date(0))
    expect(descriptionOf(await start())).toBe('Reads the account.')
    expect(inode()).not.toBe(before)
    expect(readFileSync(image, 'utf8').split('\n')[1]).toBe(body)
    const noted = inode()
    await start()
    expect(inode()).toBe(noted)
  })

  it('give way to other code, and to other models', async () => {
    await start()
    const before = inode()
    writeFileSync(join(built, 'code.sha256'), 'two')
    await start()
    const second = inode()
    expect(second).not.toBe(before)
    const model = join(home, 'unified-models/desk.yaml')
    writeFileSync(model, `${readFileSync(model, 'utf8')}# changed\n`)
    await start()
    expect(inode()).not.toBe(second)
  })

  it('are passed over with a warning when they are damaged', async () => {
    await start()
    const bytes = readFileSync(image)
    for (const damaged of [
      bytes.subarray(0, -1),
      Buffer.from('{'),
      Buffer.alloc(0),
      bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte)),
    ]) {
      writeFileSync(image, damaged)
      warnings.length = 0
      expect(descriptionOf(await start())).toBe('Reads the account.')
      expect(warnings).toEqual(['an image of definitions is damaged; they are read anew'])
      expect(readFileSync(image)).toEqual(bytes)
    }
  })

  it('of added folders stand beside those of the built-in definition that they take the place of', async () => {
    const extra = join(desk, 'extra')
    cpSync(join(home, 'integrations'), join(extra, 'integrations'), { recursive: true })
    for (const _ of [1, 2]) {
      const { catalog, shadowed } = await start(kept, [extra])
      expect(catalog?.integrations.get('acme')).toMatchObject({ isExtra: true, root: extra })
      expect([...shadowed]).toEqual(['acme'])
    }
    expect(descriptionOf(await start())).toBe('Reads the account.')
    expect((await start()).catalog?.integrations.get('acme')?.isExtra).toBe(false)
  })

  it('are not made of definitions with a warning, which is told at every start', async () => {
    const people = join(home, 'integrations/acme/resources/people.yaml')
    const text = readFileSync(people, 'utf8')
    writeFileSync(people, text.replace('create:\n    effect: write', 'create:\n    effect: read'))
    for (const _ of [1, 2]) {
      expect((await start()).issues).toContain('warning suspicious_effect')
      expect(readdirSync(kept)).toEqual(['models.image'])
    }
  })

  it('are told of once when they cannot be kept, and there are none without the mark of a build', async () => {
    writeFileSync(join(desk, 'file'), '')
    expect(descriptionOf(await start(join(desk, 'file')))).toBe('Reads the account.')
    expect(warnings).toEqual(['images of definitions cannot be kept; starts take longer'])
    rmSync(join(built, 'code.sha256'))
    expect(descriptionOf(await start())).toBe('Reads the account.')
    expect(() => statSync(kept)).toThrow('ENOENT')
  })
})
