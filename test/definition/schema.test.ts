import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { placeOf } from '../../engine/definition/files.ts'
import { validate } from '../../engine/definition/validate.ts'
import { readYaml } from '../../engine/definition/yaml.ts'
import { DOCUMENTS, LANGUAGE_SCHEMA } from '../../engine/schema/generated.ts'
import { pathsBelow, textOf } from '../support/house.ts'
import { baseFiles, modelFiles, quarryFiles } from './support.ts'

type Kind = keyof typeof DOCUMENTS
type Json = Record<string, unknown>

const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false })
addFormats.default(ajv)
ajv.addSchema(LANGUAGE_SCHEMA, 'language')
const oracle = (kind: Kind) => ajv.compile({ $ref: `language#/$defs/${DOCUMENTS[kind]}` })

/** Codes of the schema alone; expressions are another matter. */
const OF_SCHEMA = ['unknown_key', 'missing_key', 'conflicting_keys', 'wrong_type', 'invalid_value', 'invalid_pattern']

function schemaIssues(data: unknown, kind: Kind): string[] {
  const { document } = readYaml({ path: 'x.yaml', text: stringify(data) }, kind)
  const { issues } = validate(document)
  return issues.filter(({ code }) => OF_SCHEMA.includes(code)).map(({ code, pointer }) => `${code} ${pointer}`)
}

const documents = [...baseFiles(), ...quarryFiles(), ...modelFiles()].map(({ path, text }) => ({
  path,
  kind: placeOf(path)!.kind as Kind,
  data: parse(text) as unknown,
}))

/** All places of a document: the container and the key. */
function placesIn(value: unknown): [container: Json, key: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value as Json).flatMap(([key, child]) => [
    [value as Json, key] as [Json, string],
    ...placesIn(child),
  ])
}

const MUTATIONS: readonly ((container: Json, key: string) => void)[] = [
  (container, key) => delete container[key],
  (container, key) => (container[key] = 4711),
  (container, key) => (container[key] = true),
  (container, key) => (container[key] = null),
  (container, key) => (container[key] = ''),
  (container, key) => (container[key] = {}),
  (container, key) => (container[key] = []),
  (container, key) => (container[key] = 'Not a name!'),
  (container, key) => (container[`${key}_x`] = 1),
  (container, key) => (container['Odd Key'] = structuredClone(container[key])),
  (container, key) => (container[key] = [container[key]]),
  (container, key) => (container[key] = { const: container[key] }),
]

describe('the schema', () => {
  it.each(documents.map(({ path, kind, data }) => [path, kind, data] as const))(
    'takes %s, as Ajv does',
    (_path, kind, data) => {
      const judge = oracle(kind)
      judge(data)
      expect(judge.errors ?? []).toEqual([])
      expect(schemaIssues(data, kind)).toEqual([])
    },
  )

  it('is read as Ajv reads it: what one refuses the other refuses', () => {
    const judges = new Map(documents.map(({ kind }) => [kind, oracle(kind)]))
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (which, where, how) => {
        const { kind, data } = documents[which % documents.length]!
        const copy = structuredClone(data)
        const places = placesIn(copy)
        const [container, key] = places[where % places.length]!
        if (Array.isArray(container)) return
        MUTATIONS[how % MUTATIONS.length]!(container, key)
        const found = schemaIssues(copy, kind)
        expect({ isGood: judges.get(kind)!(copy), found }).toEqual({ isGood: found.length === 0, found })
      }),
      { numRuns: 800 },
    )
  })
})

describe('every file of the language that comes along', () => {
  it('names the schema of its kind for editors, in a line that leads there', () => {
    const paths = [...pathsBelow('integrations'), ...pathsBelow('unified-models')].filter((path) =>
      path.endsWith('.yaml'),
    )
    expect(paths.length).toBeGreaterThan(100)
    const wrong = paths.filter((path) => {
      const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(textOf(path)) ?? []
      return join(path, '..', schema) !== `engine/schema/json/${placeOf(path)?.kind}.schema.json`
    })
    expect(wrong).toEqual([])
  })
})

describe('every key of the language', () => {
  const SKIPPED = new Set(['properties', 'examples', 'enum', 'required'])
  const nodes = (value: unknown, path: string): [string, Json][] => {
    if (typeof value !== 'object' || value === null) return []
    const properties = Object.entries(((value as Json).properties ?? {}) as Json)
    const inner = Object.entries(value as Json).filter(([key]) => !SKIPPED.has(key))
    return [
      ...properties.flatMap(([key, node]): [string, Json][] => [
        [`${path}/${key}`, node as Json],
        ...nodes(node, `${path}/${key}`),
      ]),
      ...inner.flatMap(([key, child]) => nodes(child, `${path}/${key}`)),
    ]
  }
  const all = Object.entries(LANGUAGE_SCHEMA.$defs).flatMap(([name, node]) => nodes(node, name))

  it('has a description and an example, or refers to what has them', () => {
    expect(all.length).toBeGreaterThan(300)
    const bare = all.filter(([, node]) => node.$ref === undefined && !(node.description && node.examples))
    expect(bare.map(([path]) => path)).toEqual([])
  })

  it('has examples that its own schema takes', () => {
    const wrong = all.flatMap(([path, node]) => {
      const { examples = [] } = node as { examples?: unknown[] }
      const judge = ajv.compile({ ...node, $defs: LANGUAGE_SCHEMA.$defs })
      return examples.filter((example) => !judge(example)).map((example) => `${path}: ${JSON.stringify(example)}`)
    })
    expect(wrong).toEqual([])
  })
})
