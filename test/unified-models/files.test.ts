import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMON, DESIGN, list, load, names, obj, RESOURCES, ROOT } from './load.ts'

const KEYS = 'name object use description writes bodies methods filters expand schema'.split(' ')

describe('the files', () => {
  it.each(Object.entries(DESIGN))('%s has every resource of the design, and no other', (model, wanted) => {
    expect(names(model).sort()).toEqual(wanted.split(' ').sort())
  })

  it('each model says what it is for', () => {
    for (const model of Object.keys(DESIGN)) {
      expect(load(model)).toEqual({ name: model, title: expect.any(String), description: expect.any(String) })
    }
  })

  it.each(RESOURCES)('$id is complete, knows its own name and names its schema for editors', (entry) => {
    const { resource } = entry
    expect(Object.keys(resource).filter((key) => !KEYS.includes(key))).toEqual([])
    for (const key of ['name', 'object', 'description', 'writes', 'methods', 'filters', 'expand', 'schema']) {
      expect(resource, key).toHaveProperty(key)
    }
    expect(resource.name).toBe(entry.name)
    expect(Object.keys(obj(resource.bodies)).filter((op) => !list(resource.writes).includes(op))).toEqual([])
    const text = readFileSync(join(ROOT, `${entry.id}.yaml`), 'utf8')
    expect(text.startsWith('# yaml-language-server: $schema=../../engine/schema/json/unified-resource')).toBe(true)
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
