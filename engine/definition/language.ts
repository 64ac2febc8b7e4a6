import { DOCUMENTS, LANGUAGE_SCHEMA } from '../schema/generated.ts'
import { ISSUE_CODES } from './codes.ts'
import { choiceOfKeys, type Shape, shapeOf, typesOf } from './schema-shape.ts'
import { oneLine } from './words.ts'

/** Where each kind of document stands in a definitions folder. */
const FILES: Readonly<Record<keyof typeof DOCUMENTS, string>> = {
  integration: 'integrations/<name>/integration.yaml',
  resource: 'integrations/<name>/resources/<resource>.yaml',
  mapping: 'integrations/<name>/mappings/<model>.yaml',
  webhooks: 'integrations/<name>/webhooks.yaml',
  case: 'integrations/<name>/cases/<resource>.yaml',
  sandbox: 'integrations/<name>/sandbox/<part>.yaml',
  rule: 'rules/<name>.yaml',
  'unified-model': 'unified-models/<model>.yaml',
  'unified-resource': 'unified-models/<model>/<resource>.yaml',
  'unified-common': 'unified-models/common/<piece>.yaml',
}

/** The reference page of the definition language, as Markdown: docs/reference/definition-language.md is this text. */
export function languageMarkdown(): string {
  const documents = Object.entries(FILES).map(([kind, file]) => {
    const name = DOCUMENTS[kind as keyof typeof DOCUMENTS]
    return `| \`${file}\` | ${link(name)} | ${cell(definition(name).description ?? '')} |`
  })
  const names = [...Object.values(DOCUMENTS), ...Object.keys(LANGUAGE_SCHEMA.$defs).sort()]
  const sections = [...new Set(names)].map(section)
  const codes = Object.entries(ISSUE_CODES).map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`)
  const head = ['| file | document | what it is |', '|---|---|---|', ...documents].join('\n')
  const issues = ['## Issues', '', '| code | meaning |', '|---|---|', ...codes].join('\n')
  return `${[INTRODUCTION, head, ...sections, issues].join('\n\n')}\n`
}

const INTRODUCTION = `# The definition language

Every key of every file, generated from the JSON Schemas in \`engine/schema/\`; what \`onefold check\` can say stands at the
end. In paths of keys, \`*\` is a name of your own and \`[]\` an element of a list. Keys in bold must be there. An
expression is JSONata over the record; the variables that it may use are listed with it.`

const definition = (name: string): Shape => shapeOf({ $ref: `#/$defs/${name}` })
const link = (name: string): string => `[${name}](#${name.toLowerCase()})`
const cell = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

function section(name: string): string {
  const node = LANGUAGE_SCHEMA.$defs[name] as object
  const shape = shapeOf(node)
  const table = rowsOf(node, '')
  const choice = choiceOfKeys(shape)
  const own = table.length > 0 ? '' : [kindOf(node), noteOf(shape)].filter((part) => part !== '').join('; ')
  return [
    `## ${name}`,
    shape.description ?? '',
    ...(choice === undefined ? [] : [`Exactly one of ${choice.map(code).join(', ')}.`]),
    ...(own === '' ? [] : [`It is ${own}.`]),
    ...(shape.examples?.[0] === undefined ? [] : [`Example: ${code(oneLine(shape.examples[0]))}`]),
    ...(table.length === 0 ? [] : [['| key | value | meaning |', '|---|---|---|', ...table].join('\n')]),
  ].join('\n\n')
}

/** The name of the definition that a node refers to, if that is all it does. */
function refOf(node: object): string | undefined {
  const { $ref, allOf } = node as { $ref?: string; allOf?: readonly { $ref?: string }[] }
  return ($ref ?? (allOf?.length === 1 ? allOf[0]?.$ref : undefined))?.replace('#/$defs/', '')
}

function rowsOf(node: object, prefix: string): string[] {
  const shape = shapeOf(node)
  const required = new Set(shape.required)
  const own = Object.entries(shape.properties ?? {}).flatMap(([key, child]) =>
    rowAndBelow(`${prefix}${key}`, child, required.has(key)),
  )
  const { additionalProperties: rest, items } = shape
  const branches = choiceOfKeys(shape) === undefined ? (shape.oneOf ?? []) : []
  return [
    ...own,
    ...(typeof rest === 'object' ? rowAndBelow(`${prefix}*`, rest, false) : []),
    ...(items === undefined ? [] : belowOf(items, `${prefix.replace(/\.$/, '')}[].`)),
    ...branches.flatMap((branch) => belowOf(branch, prefix)),
  ]
}

/** Rows of what is written at this place; a definition has a section of its own. */
const belowOf = (node: object, prefix: string): string[] => (refOf(node) === undefined ? rowsOf(node, prefix) : [])

function rowAndBelow(path: string, node: object, isRequired: boolean): string[] {
  const shape = shapeOf(node)
  const name = isRequired ? `**${code(path)}**` : code(path)
  const notes = [shape.description ?? '', noteOf(shape)].filter((part) => part !== '').join(' ')
  const isRow = !path.endsWith('*') || refOf(node) !== undefined || Object.keys(shape.properties ?? {}).length === 0
  const row = `| ${name} | ${kindOf(node)} | ${cell(notes)} |`
  return [...(isRow ? [row] : []), ...belowOf(node, `${path}.`)]
}

/** What kind of value a node takes, in words. */
function kindOf(node: object): string {
  const ref = refOf(node)
  if (ref !== undefined) return link(ref)
  const shape = shapeOf(node)
  if (shape.enum !== undefined) return shape.enum.map((value) => code(String(value))).join(', ')
  if (shape.const !== undefined) return code(oneLine(shape.const))
  if (shape['x-expression'] !== undefined) return 'expression'
  if (shape['x-template'] !== undefined) return 'text with `{{ expression }}`'
  if (shape.items !== undefined) return `list of ${kindOf(shape.items)}`
  const { additionalProperties: rest } = shape
  if (typeof rest === 'object' && shape.properties === undefined) return `mapping of ${kindOf(rest)}`
  if (shape.oneOf !== undefined && choiceOfKeys(shape) === undefined) {
    return [...new Set(shape.oneOf.map(kindOf))].join(' or ')
  }
  const types = typesOf(shape).map((type) => TYPE_WORDS[type] ?? type)
  return types.length === 0 ? 'any value' : types.join(' or ')
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'mapping',
  array: 'list',
  boolean: 'true or false',
}

function noteOf(shape: Shape): string {
  const slot = shape['x-expression'] ?? shape['x-template']
  const variables = slot?.scope.map((name) => code(`$${name}`)).join(', ')
  return [
    ...(shape.default === undefined ? [] : [`Default ${code(oneLine(shape.default))}.`]),
    ...(shape.pattern === undefined ? [] : [`Matches ${code(shape.pattern)}.`]),
    ...(variables === undefined || variables === '' ? [] : [`Variables: ${variables}.`]),
  ].join(' ')
}
