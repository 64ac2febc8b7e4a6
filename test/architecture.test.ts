import { describe, expect, it } from 'vitest'
import {
  ambientUses,
  codeAmongData,
  longFiles,
  longFunctions,
  providerNames,
  starExports,
  undocumentedExports,
} from './support/architecture/laws.ts'
import { cycles, LAYER_RULES, layerBreaches } from './support/architecture/layers.ts'
import { parseSource } from './support/architecture/source.ts'
import { pathsBelow, readFiles } from './support/house.ts'

const GENERATED = ['engine/schema/generated.ts']
const isWritten = ({ path }: { path: string }) => !GENERATED.includes(path)
const under =
  (...tops: string[]) =>
  ({ path }: { path: string }) =>
    tops.some((top) => path.startsWith(`${top}/`))

const files = readFiles(['engine', 'server', 'bench', 'scripts', 'test'], /\.(tsx?|mjs)$/)
const sources = files.map(parseSource)
const product = sources.filter(under('engine', 'server'))
const providers = [...new Set(pathsBelow('integrations').map((path) => path.split('/')[1] ?? ''))].filter(
  (name) => name !== '',
)

/** Parses a planted file, to show that a rule can fail. */
const planted = (path: string, text: string) => parseSource({ path, text })

describe('the import rules', () => {
  it.each(Object.entries(LAYER_RULES))('%s', (_name, judge) => {
    expect(layerBreaches(sources, judge)).toEqual([])
  })

  it('no import cycles', () => {
    expect(cycles(sources)).toEqual([])
  })

  it.each<[keyof typeof LAYER_RULES, string, string]>([
    ['server imports the engine by its index only', 'server/app.ts', "import { x } from '../engine/auth/x.ts'"],
    ['the engine imports nothing outside itself', 'engine/engine.ts', "import { x } from '../server/app.ts'"],
    ['the server imports nothing but itself and the engine', 'server/app.ts', "import { x } from '../test/x.ts'"],
    ['provider and model folders are imported by nobody', 'test/a.ts', "import x from '../integrations/acme/x.json'"],
    [
      'request, auth, pagination and resilience never import each other',
      'engine/auth/a.ts',
      "import { type x } from '../request/x.ts'",
    ],
    ['ports, errors, types and secret import nothing', 'engine/ports.ts', "export { x } from './errors.ts'"],
    [
      'the engine has no sockets, timers, drivers or loggers',
      'engine/execute/send.ts',
      "const x = await import('net')",
    ],
    ['only the expression room knows JSONata', 'engine/mapping/map.ts', "import jsonata from 'jsonata'"],
    [
      'only execute and sync are given time and network',
      'engine/auth/a.ts',
      "import type { Clock } from '../ports.ts'",
    ],
  ])('a breach of "%s" is seen', (rule, path, text) => {
    expect(layerBreaches([planted(path, `// one\n${text}\n`)], LAYER_RULES[rule])).toEqual([
      expect.stringMatching(new RegExp(`^${path}:2: imports `)),
    ])
  })

  it('a cycle over three files is seen, types included', () => {
    const trio = [
      planted('engine/a.ts', "import type { B } from './b.ts'"),
      planted('engine/b.ts', "export { c } from './c.ts'"),
      planted('engine/c.ts', "type A = import('./a.ts').A"),
      planted('engine/d.ts', "import { a } from './a.ts'"),
    ]
    expect(cycles(trio)).toEqual(['engine/a.ts -> engine/b.ts -> engine/c.ts -> engine/a.ts'])
  })
})

describe('the laws', () => {
  it('the engine takes time, randomness and network from ports only', () => {
    expect(ambientUses(sources.filter(under('engine')))).toEqual([])
  })

  it.each([
    'Date.now()',
    'new Date()',
    'Date()',
    'setTimeout(f, 1)',
    "fetch('x')",
    'globalThis.fetch',
    'Math.random()',
    'randomUUID()',
    'performance.now()',
    'AbortSignal.timeout(1)',
  ])('%s in the engine is seen', (text) => {
    expect(ambientUses([planted('engine/auth/a.ts', `\n${text}\n`)])[0]).toMatch(/^engine\/auth\/a\.ts:2: /)
  })

  it('reading a given time is no breach', () => {
    expect(ambientUses([planted('engine/a.ts', 'new Date(nowMs); ports.fetch(x); clock.setTimeout(f)')])).toEqual([])
  })

  it('no provider is named in engine/ or server/', () => {
    expect(providerNames(readFiles(['engine', 'server'], /./), providers)).toEqual([])
  })

  it('a provider name is seen in code, comments and identifiers, and ordinary words are not', () => {
    const text =
      'const a = 1\n// as in Stripe\nconst acmepayKey = 2\n// square brackets, square root\n// Square sends\n'
    expect(providerNames([{ path: 'engine/a.ts', text }], ['acmepay'])).toEqual([
      "engine/a.ts:2: names the provider 'Stripe'",
      "engine/a.ts:3: names the provider 'acmepay'",
      "engine/a.ts:5: names the provider 'Square'",
    ])
  })

  it('provider and model folders hold data only', () => {
    expect(codeAmongData([...pathsBelow('integrations'), ...pathsBelow('unified-models')])).toEqual([])
    expect(codeAmongData(['integrations/acme/README.md', 'integrations/acme/hook.js'])).toEqual([
      'integrations/acme/hook.js: only yaml, json, md and csv belong here',
    ])
  })

  it('no file is longer than 300 lines', () => {
    const scripts = readFiles(['server'], /\.js$/)
    expect(longFiles([...files.filter(isWritten), ...scripts], 300)).toEqual([])
    expect(longFiles([{ path: 'a.ts', text: 'x\n'.repeat(301) }], 300)).toEqual(['a.ts:301: 301 lines, at most 300'])
  })

  it('no function is longer than 60 lines', () => {
    expect(longFunctions(sources.filter(under('engine', 'server', 'bench', 'scripts')), 60)).toEqual([])
    const long = planted('a.ts', `\nconst f = () => {\n${'x()\n'.repeat(59)}}\n`)
    expect(longFunctions([long], 60)).toEqual(['a.ts:2: a function of 61 lines, at most 60'])
  })

  it('every export of engine/ and server/ says what it is in one to six lines', () => {
    expect(undocumentedExports(product.filter(isWritten))).toEqual([])
    const text = '/** Fine. */\nexport const a = 1\nexport type B = 1\n/**\n * \n */\nexport function c(): void {}\n'
    expect(undocumentedExports([planted('engine/a.ts', text)])).toEqual([
      'engine/a.ts:3: export B has no docstring',
      'engine/a.ts:7: export c has an empty docstring',
    ])
  })

  it('public names are exported one by one', () => {
    expect(starExports(product)).toEqual([])
    expect(starExports([planted('engine/index.ts', "export * from './a.ts'")])).toHaveLength(1)
  })
})
