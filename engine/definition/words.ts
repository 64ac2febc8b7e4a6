import { nearest } from '../expression/suggest.ts'
import type { Located } from './document.ts'
import type { Issue } from './issue.ts'
import { choiceOfKeys, type Shape, shapeOf, typeName, typesOf } from './schema-shape.ts'
import { cutByComma, cutByComment, quoted } from './traps.ts'

/** `Did you mean \`x\`?` with a space after it, or nothing. */
export function didYouMean(name: string, valid: Iterable<string>): string {
  const near = nearest(name, valid)
  return near === undefined ? '' : `Did you mean \`${near}\`? `
}

/** An issue about a name that is not among the known ones. */
export function unknownName(
  node: Located<unknown>,
  part: 'key' | 'value',
  code: Issue['code'],
  what: string,
  name: string,
  valid: Iterable<string>,
): Issue {
  const names = [...valid]
  const rest = names.length === 0 ? `There is no ${what} here.` : `Known are ${shortList(names)}.`
  return node.issue(part, code, {
    message: `unknown ${what} \`${name}\``,
    hint: `${didYouMean(name, names)}${rest}`,
    valid: names,
  })
}

/** The first names of a list in words, and how many more there are. */
export function shortList(names: readonly string[], most = 12): string {
  const rest = names.length - most
  return `${names
    .slice(0, most)
    .map((name) => `\`${name}\``)
    .join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** An issue about a key that a mapping does not take. */
export const unknownKey = (node: Located<unknown>, key: string, shape: Shape): Issue =>
  unknownName(node, 'key', 'unknown_key', 'key', key, Object.keys(shape.properties ?? {}))

/** An issue about a key that must be there, with its meaning and an example. */
export function missingKey(node: Located<unknown>, key: string, shape: Shape): Issue {
  const property = shape.properties?.[key]
  const { description = '', examples = [] } = property === undefined ? {} : shapeOf(property)
  const example = examples[0] === undefined ? '' : ` For example \`${key}: ${oneLine(examples[0])}\`.`
  return node.issue('key', 'missing_key', {
    message: `\`${key}\` is missing`,
    hint: `${description}${example}`,
  })
}

/** Issues about keys that exclude each other: none of them is there, or more than one. */
export function conflictingKeys(node: Located<Record<string, unknown>>, choice: readonly string[]): Issue[] {
  const given = choice.filter((key) => key in node.value)
  if (given.length === 1) return []
  const valid = [...choice]
  if (given.length === 0) {
    const message = `one of ${shortList(valid)} is missing`
    return [node.issue('key', 'missing_key', { message, hint: 'Give exactly one of them.', valid })]
  }
  const second = node.at(given[1] ?? '') ?? node
  const message = `\`${given[1]}\` cannot stand beside \`${given[0]}\``
  return [second.issue('key', 'conflicting_keys', { message, hint: `Give exactly one of ${shortList(valid)}.`, valid })]
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'null',
}

/** A value of the wrong type, with what to write instead. */
export function wrongType(node: Located<unknown>, shape: Shape): Issue {
  const branches = shape.oneOf === undefined || choiceOfKeys(shape) !== undefined ? [shape] : shape.oneOf.map(shapeOf)
  const types = [...new Set(branches.flatMap(typesOf))]
  const wanted = types.map((type) => TYPE_WORDS[type] ?? type).join(' or ')
  const found = TYPE_WORDS[typeName(node.value)] ?? typeName(node.value)
  return node.issue(node.value === null || typeof node.value === 'object' ? 'key' : 'value', 'wrong_type', {
    message: `${wanted} is wanted here, not ${found}`,
    hint: insteadOf(node, types, branches),
  })
}

function insteadOf(node: Located<unknown>, types: readonly string[], branches: readonly Shape[]): string {
  const isScalar = node.value !== null && typeof node.value !== 'object'
  const takesConstant = branches.some(({ properties = {} }) => 'const' in properties)
  if (isScalar && takesConstant) return `A constant is written \`{ const: ${String(node.value)} }\`.`
  if (isScalar && types.includes('string')) return `Quote it: ${quoted(String(node.value))}`
  if (typeof node.value === 'object' && node.value !== null && types.includes('string') && isTemplate(branches)) {
    return 'A text that holds `{{ }}` or starts with `{` is put in quotes.'
  }
  const example = branches.flatMap(({ examples = [] }) => examples)[0]
  return example === undefined ? 'See docs/reference/definition-language.md.' : `For example \`${oneLine(example)}\`.`
}

const isTemplate = (branches: readonly Shape[]): boolean =>
  branches.some((branch) => branch['x-template'] !== undefined || branch['x-expression'] !== undefined)

/** A value on one line, as YAML would have it in flow style. */
export function oneLine(value: unknown): string {
  if (typeof value === 'string') return /[:#{}[\],&*!|>'"%@`]|^\s|\s$|^$/.test(value) ? quoted(value) : value
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${oneLine(each)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/** The whole expression of which YAML read only a part: it ends a text at ` #`, and inside of `{ }` at a comma. */
export function wholeExpression(node: Located<string>): string | undefined {
  const place = node.document.places.get(node.pointer)
  if (place === undefined) return undefined
  const [start, end] = place.value
  const { text } = node.document.source
  const cut = cutByComment(text, end)
  if (cut !== undefined) return `${node.value} ${cut}`
  const isPlain = text.startsWith(node.value, start)
  return isPlain ? cutByComma(text, start, start + node.value.length) : undefined
}
