import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { COMMON, DESIGN, type Json, list, load, names, obj, RESOURCES, ROOT } from './load.ts'

const KEYS = 'name object use description writes bodies methods filters expand touches schema'.split(' ')

const SCHEMAS = join(ROOT, '..', 'engine', 'schema', 'json')
const readJson = (file: string): Json => JSON.parse(readFileSync(file, 'utf8'))
const language = new Ajv2020({ strict: false, addUsedSchema: false })
ajvFormats.default(language)
language.addSchema(obj(readJson(join(SCHEMAS, 'language.schema.json'))), 'language.schema.json')

describe('the files', () => {
  it.each(Object.entries(DESIGN))('%s has every resource of the design, and no other', (model, wanted) => {
    expect(names(model).sort()).toEqual(wanted.split(' ').sort())
  })

  it('each model says what it is for', () => {
    for (const model of Object.keys(DESIGN)) {
      expect(load(model)).toEqual({ name: model, title: expect.any(String), description: expect.any(String) })
    }
  })

  it.each(RESOURCES)('$id is complete and knows its own name', (entry) => {
    const { resource } = entry
    expect(Object.keys(resource).filter((key) => !KEYS.includes(key))).toEqual([])
    for (const key of ['name', 'object', 'description', 'writes', 'methods', 'filters', 'expand', 'schema']) {
      expect(resource, key).toHaveProperty(key)
    }
    expect(resource.name).toBe(entry.name)
    expect(Object.keys(obj(resource.bodies)).filter((op) => !list(resource.writes).includes(op))).toEqual([])
  })

  it.each([
    ...Object.keys(DESIGN).map((path) => [path, 'unified-model']),
    ...RESOURCES.map(({ id }) => [id, 'unified-resource']),
    ...[...COMMON.keys()].map((name) => [`common/${name}`, 'unified-common']),
  ])('%s fits the schema of the language that it names to editors', (path = '', kind) => {
    const text = readFileSync(join(ROOT, `${path}.yaml`), 'utf8')
    const named = /^# yaml-language-server: \$schema=(.*)/.exec(text)?.[1] ?? ''
    const file = join(ROOT, path, '..', named)
    expect(basename(file)).toBe(`${kind}.schema.json`)
    const validate = language.compile(obj(readJson(file)))
    expect(validate(load(path)), JSON.stringify(validate.errors, null, 1)).toBe(true)
  })

  it('common pieces are described, used, and hold nothing else', () => {
    const used = new Set(['record'])
    for (const path of [...RESOURCES.map(({ id }) => id), ...[...COMMON.keys()].map((name) => `common/${name}`)]) {
      for (const [, piece] of JSON.stringify(load(path)).matchAll(/#\/common\/(\w+)/g)) used.add(piece ?? '')
    }
    expect([...COMMON.keys()].sort()).toEqual([...used].sort())
    for (const piece of COMMON.values()) {
      expect(Object.keys(piece).sort()).toEqual(['description', 'schema'])
      expect(String(piece.description).length).toBeGreaterThan(10)
    }
  })
})
