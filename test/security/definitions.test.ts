import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { compileCatalog, compileOverrides, type OverrideLayers } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { baseFiles } from '../definition/support.ts'
import { customersPath, DEFINITIONS, openStand } from '../http/stand.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-definitions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

const read = () => readDefinitions([{ path: folder, root: folder }])

describe('an extra folder of definitions', () => {
  it.each([
    ['the part', '', 'integrations', 'integrations'],
    ['an integration', 'integrations/', 'integrations/acme', 'integrations/acme'],
    ['a folder in it', 'integrations/acme/', 'integrations/acme/resources', 'integrations/acme/resources'],
    ['a file', 'integrations/acme/', 'integrations/acme/integration.yaml', 'integrations/acme/integration.yaml'],
  ])('cannot link %s from elsewhere', async (_what, parent, target, name) => {
    if (parent !== '') cpSync(DEFINITIONS, folder, { recursive: true })
    rmSync(join(folder, name), { recursive: true, force: true })
    symlinkSync(join(DEFINITIONS, target), join(folder, name))
    await expect(read()).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining('link') })
  })

  it('that is swapped for a link while the server runs changes nothing', async () => {
    cpSync(DEFINITIONS, folder, { recursive: true })
    const stand = await openStand({ ONEFOLD_DEFINITIONS: folder })
    onTestFinished(() => stand.close())
    stand.upstream.addCustomers(1)
    rmSync(join(folder, 'integrations/acme/resources/customers.yaml'))
    symlinkSync('/etc/passwd', join(folder, 'integrations/acme/resources/customers.yaml'))
    await stand.server.services.definitions.reloadIfChanged()
    expect(stand.log.told.some(({ level }) => level === 'error')).toBe(true)
    expect(JSON.stringify(stand.log.told)).not.toContain('root:')
    expect((await stand.call('GET', customersPath())).status).toBe(200)
  })

  it.each([
    ['an alias', 'a: &x [1]\nb: *x\n'],
    ['a tag', 'name: !!js/function "function () {}"\n'],
    ['a merge key', 'a: &x { b: 1 }\nc:\n  <<: *x\n'],
    [
      'what grows when it is read',
      `a: &a [1,1]\n${[...'bcdefghij'].map((name, at) => `${name}: &${name} [*${'abcdefghij'[at]},*${'abcdefghij'[at]}]`).join('\n')}\n`,
    ],
    ['depth', `${'['.repeat(5_000)}${']'.repeat(5_000)}\n`],
    ['a key of every object', 'onefold: 1\nname: evil\nconstructor: { a: 1 }\n'],
    ['a prototype', 'onefold: 1\nname: evil\n__proto__: { isExtra: false }\n'],
  ])('with %s is an issue, not a crash', (_what, text) => {
    const files = [...baseFiles(), { path: 'integrations/evil/integration.yaml', text, root: '/extra' }]
    const { catalog, issues } = compileCatalog(files)
    expect(catalog).toBeUndefined()
    expect(issues.some(({ severity, file }) => severity === 'error' && file.includes('evil'))).toBe(true)
    expect(({} as { isExtra?: boolean }).isExtra).toBeUndefined()
  })

  it('cannot put its hands on credentials in a mapping, a request or a path', async () => {
    cpSync(DEFINITIONS, folder, { recursive: true })
    const mapping = join(folder, 'integrations/acme/mappings/payment-gateway.yaml')
    const file = (resource: string) => join(folder, `integrations/acme/resources/${resource}.yaml`)
    const texts = new Map((await read()).map(({ path, text }) => [path, text]))
    const textAt = (path: string): string => texts.get(path.slice(folder.length + 1)) ?? ''
    for (const [path, from, to] of [
      [mapping, 'id: id\n', 'id: $credentials.key\n'],
      [mapping, 'name: name, email: email', 'name: $credentials.key, email: email'],
      [file('account'), 'path: /account', "path: '/{{ $credentials.key }}'"],
      [file('account'), 'path: /account,', "path: /account, request: { headers: { X: '{{ $credentials.key }}' } },"],
    ] as const) {
      expect(textAt(path)).toContain(from)
      writeFileSync(path, textAt(path).replace(from, to))
      const { catalog, issues } = compileCatalog([...baseFiles(), ...(await read())])
      writeFileSync(path, textAt(path))
      expect(catalog).toBeUndefined()
      expect(issues.map(({ message }) => message).join()).toMatch(/credentials/)
    }
  })
})

describe('overrides of a tenant', () => {
  const { catalog } = compileCatalog(baseFiles())
  const lay = (layers: unknown) => {
    const acme = catalog?.integrations.get('acme')
    if (catalog === undefined || acme === undefined) throw new Error('the base does not compile')
    return compileOverrides(acme, catalog.models, layers as OverrideLayers)
  }
  const people = (resource: object): object => ({ account: { desk: { resources: { people: resource } } } })

  it.each([
    ['auth', { account: { auth: { methods: {} } } }],
    ['hosts', { account: { hosts: { default: { url: 'https://evil.example' } } } }],
    ['owned names', { account: { owned: { headers: [] } } }],
    ['where a list comes from', people({ list: { from: 'people.list' } })],
    ['what a write sends', people({ create: { to: 'people.create', body: { a: 'b' } } })],
    ['another integration', { account: { '../other': { resources: {} } } }],
    ['the prototype', JSON.parse('{"account":{"__proto__":{"resources":{"people":{"fields":{"id":"1"}}}}}}')],
    ['the constructor', { account: { constructor: { prototype: { resources: {} } } } }],
    ['credentials', people({ fields: { name: '$credentials.key' } })],
    ['settings of the process', people({ fields: { name: '$env.HOME' } })],
    ['evaluation', people({ fields: { name: "$eval('1')" } })],
    ['constructors', people({ fields: { name: '$string.constructor("return process")()' } })],
  ])('do not reach %s', (_what, layers) => {
    const { mappings, issues } = lay(layers)
    expect(issues.filter(({ severity }) => severity === 'error')).not.toEqual([])
    expect([...mappings]).toEqual([])
  })
})
