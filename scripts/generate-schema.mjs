// Bundles engine/schema/*.schema.yaml into engine/schema/generated.ts (types and schemas) and engine/schema/json/ (for editors).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'

const dir = new URL('../engine/schema/', import.meta.url)
const files = readdirSync(dir)
  .filter((name) => name.endsWith('.schema.yaml'))
  .sort()
const $defs = {}
const documents = {}
for (const file of files) {
  for (const [name, def] of Object.entries(parse(readFileSync(new URL(file, dir), 'utf8')).$defs)) {
    if ($defs[name]) throw new Error(`${file}: $defs.${name} is defined twice`)
    $defs[name] = def
    if (def.title) documents[file.replace('.schema.yaml', '')] = name
  }
}

/** `oneOf` over mere `required` says which keys exclude each other; in a type it would only add an index signature. */
const isChoiceOfKeys = (branches) =>
  Array.isArray(branches) && branches.every((branch) => Object.keys(branch).join() === 'required')

const withoutMarks = (node) => {
  if (Array.isArray(node)) return node.map(withoutMarks)
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      !key.startsWith('x-') &&
      !['unevaluatedProperties', 'title'].includes(key) &&
      !(key === 'oneOf' && isChoiceOfKeys(value)),
  )
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'properties' ? mapValues(value, withoutMarks) : withoutMarks(value)]),
  )
}
const mapValues = (object, fn) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fn(value)]))

const types = await compile(
  {
    title: 'Language',
    type: 'object',
    additionalProperties: false,
    $defs: mapValues($defs, withoutMarks),
    properties: mapValues(documents, (name) => ({ $ref: `#/$defs/${name}` })),
  },
  'Language',
  {
    bannerComment: '',
    unreachableDefinitions: true,
    style: { semi: false, singleQuote: true, printWidth: 120 },
    additionalProperties: false,
  },
)
const banner = '// Generated from engine/schema/*.schema.yaml by `npm run generate`. Do not edit.\n'
const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs }
const source = `${banner}${types}
/** Every definition of the language by name (JSON Schema draft 2020-12). */
export const LANGUAGE_SCHEMA: { readonly $schema: string; readonly $defs: Readonly<Record<string, Readonly<Record<string, unknown>>>> } = ${JSON.stringify(schema)}

/** The document kinds and the name of each one's schema in LANGUAGE_SCHEMA. */
export const DOCUMENTS = ${JSON.stringify(documents)} as const
`
writeFileSync(new URL('generated.ts', dir), source)
mkdirSync(new URL('json/', dir), { recursive: true })
writeFileSync(new URL('json/language.schema.json', dir), `${JSON.stringify(schema, null, 1)}\n`)
for (const [file, name] of Object.entries(documents)) {
  const entry = { $schema: schema.$schema, $ref: `language.schema.json#/$defs/${name}` }
  writeFileSync(new URL(`json/${file}.schema.json`, dir), `${JSON.stringify(entry, null, 1)}\n`)
}
