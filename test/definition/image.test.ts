import { describe, expect, it } from 'vitest'
import { FrozenMap, FrozenSet } from '../../engine/definition/frozen.ts'
import { imageOfIntegration, imageOfModels, integrationOfImage, modelsOfImage } from '../../engine/definition/image.ts'
import { packValue, unpackValue } from '../../engine/definition/image-table.ts'
import { compileCatalog, type KnownDefinitions } from '../../engine/definition/index.ts'
import { coverageOf } from '../../engine/execute/coverage.ts'
import { compileExpression, compileTemplate } from '../../engine/expression/index.ts'
import { type Catalog, digestOf, type Image, runCases } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { describeApi } from '../../server/openapi/index.ts'
import { ROOT } from '../support/house.ts'

const files = await readDefinitions([{ path: ROOT }])
const fresh = compileCatalog(files).catalog as Catalog

/** Reads an image, noting which sections were asked for. */
function reader(image: Image, read: string[] = []) {
  return (name: string): string => {
    read.push(name)
    return image.get(name) ?? expect.fail(`there is no section ${name}`)
  }
}

const known: KnownDefinitions = {
  models: modelsOfImage(reader(imageOfModels(fresh.models))),
  integrations: [...fresh.integrations.values()].map((each) => integrationOfImage(reader(imageOfIntegration(each)))),
  sources: files.map(digestOf),
}
const opened = compileCatalog([], known).catalog as Catalog

/** A packed value read again and packed once more: the same text when nothing was lost. */
const again = (value: unknown): string => packValue(unpackValue(packValue(value)))

describe('a catalog of images', () => {
  it('has the hash, the models and the integrations of one that was compiled', () => {
    expect(opened.hash).toBe(fresh.hash)
    expect([...opened.integrations.keys()]).toEqual([...fresh.integrations.keys()])
    expect(opened.models).toEqual(fresh.models)
    for (const [name, integration] of fresh.integrations) {
      const other = opened.integrations.get(name) ?? expect.fail(name)
      expect(Object.keys(other).sort()).toEqual(Object.keys(integration).sort())
      for (const [key, value] of Object.entries(integration)) {
        expect(packValue(Reflect.get(other, key)), `${name}.${key}`).toBe(packValue(value))
      }
    }
  })

  it('covers and documents the same', () => {
    expect(coverageOf(opened)).toEqual(coverageOf(fresh))
    expect(describeApi(opened, [], 'http://127.0.0.1')).toEqual(describeApi(fresh, [], 'http://127.0.0.1'))
  })

  it('plays every case with the result that the case says', { timeout: 180_000 }, async () => {
    const report = await runCases(opened, files)
    expect(report.issues).toEqual([])
    expect(report.count).toBeGreaterThan(100)
  })

  it('reads the facts of an integration at once, and each other part when it is first looked at, once', () => {
    for (const integration of fresh.integrations.values()) {
      const read: string[] = []
      const lazy = integrationOfImage(reader(imageOfIntegration(integration), read))
      expect([lazy.name, lazy.label, [...lazy.hosts.keys()]]).toEqual([
        integration.name,
        integration.label,
        [...integration.hosts.keys()],
      ])
      expect(read).toEqual(['facts'])
      expect(lazy.operations.size).toBe(integration.operations.size)
      expect(lazy.operations).toBe(lazy.operations)
      expect(read).toEqual(['facts', 'resources'])
      expect(Object.isFrozen(lazy)).toBe(true)
    }
  })
})

describe('a packed value', () => {
  it.each([
    ['numbers', [0, -0, 1.5, Number.POSITIVE_INFINITY, -1e300]],
    ['nothing', { a: undefined, b: null, c: '', d: false, e: [], f: {} }],
    ['a key __proto__', JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2 }')],
    [
      'maps and sets',
      new FrozenMap<string, unknown>([
        ['a', new FrozenSet<unknown>([1, 'b'])],
        ['c', new FrozenMap<string, unknown>([])],
      ]),
    ],
    ['a list of texts that look like parts', ['map', 'list', [7], [[]]]],
  ])('is there again: %s', (_what, value) => {
    expect(unpackValue(packValue(value))).toEqual(value)
    expect(again(value)).toBe(packValue(value))
  })

  it('keeps patterns, expressions and templates, which do what they did', () => {
    const expression = compileExpression('$query.a & name', ['query', 'path'])
    const template = compileTemplate('/x/{{ $path.id }}', ['path'])
    if ('problems' in expression || 'problems' in template) return expect.fail('they compile')
    const value = { pattern: /^a\d$/u, expression: expression.expression, template: template.template }
    const made = unpackValue(packValue(value)) as typeof value
    expect(made.pattern.test('a1')).toBe(true)
    expect(made.expression.evaluate({ name: 'n' }, { query: { a: 'q' } })).toBe('qn')
    for (const key of ['source', 'backend', 'reason', 'variables', 'paths', 'variablePaths'] as const) {
      expect(made.expression[key]).toEqual(value.expression[key])
    }
    expect(made.template.render({}, { path: { id: 'i' } })).toBe('/x/i')
    expect(made.template.variables).toEqual(['path'])
    expect(again(value)).toBe(packValue(value))
    expect(Object.values(made).every(Object.isFrozen)).toBe(true)
  })

  it('holds nothing that a catalog does not hold', () => {
    expect(() => packValue({ a: () => 1 })).toThrow(TypeError)
    expect(() => packValue(new Date(0))).toThrow('An image cannot keep a Date')
  })
})

describe('an expression of an added folder', () => {
  it('is still one in an image, alone and in a template, and does as little in the process', () => {
    const where = '/added/integrations/acme/integration.yaml:3:5'
    const [one, text] = [compileExpression('$sum([1..90000])', [], where), compileTemplate('{{ a }}', [], where)]
    if ('problems' in one || 'problems' in text) throw new Error('they do not compile')
    const value = { one: one.expression, text: text.template, own: compileExpression('a', []) }
    const read = unpackValue(packValue(value)) as typeof value
    expect(read.one.apart).toBe(where)
    expect(read.text.parts).toMatchObject([{ apart: where }])
    expect('expression' in read.own && read.own.expression.apart).toBe(undefined)
    expect(() => read.one.evaluate(undefined)).toThrow(expect.objectContaining({ code: 'expression_limit' }))
  })
})
