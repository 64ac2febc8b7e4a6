import { Document, isMap, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'

/** A value with what the reader of the file is told above its key, or that it stands on one line. */
export class Marked {
  readonly value: unknown
  readonly comment: string | undefined
  readonly isFlow: boolean

  constructor(value: unknown, comment: string | undefined, isFlow: boolean) {
    this.value = value
    this.comment = comment
    this.isFlow = isFlow
  }
}

/** A value that was guessed, and what made it so: the file says it above the key. */
export const guess = (value: unknown, because: string): Marked => new Marked(value, `guess: ${because}`, false)

/** A value that is written on one line. */
export const inline = (value: unknown): Marked => new Marked(value, undefined, true)

const WIDTH = 120

/** The name of the schema of each kind of file, for the modeline. */
export type SchemaName = 'integration' | 'resource' | 'mapping' | 'case' | 'webhooks'

/** A YAML file of the language: modeline, comments, then the value. `schemas` is the way from the file to the schemas. */
export function yamlFile(schemas: string, name: SchemaName, value: object, head: readonly string[] = []): string {
  const document = new Document()
  document.contents = nodeOf(value) as never
  const lines = [`yaml-language-server: $schema=${schemas}/${name}.schema.json`, ...head]
  const text = document.toString({ lineWidth: WIDTH, flowCollectionPadding: true, singleQuote: true })
  return `${lines.map((line) => `# ${line}`).join('\n')}\n${text}`
}

/** The node of a value; what is undefined is left out of mappings. */
function nodeOf(value: unknown, isFlow = false): unknown {
  if (value instanceof Marked) return nodeOf(value.value, isFlow || value.isFlow)
  if (Array.isArray(value)) {
    const list = new YAMLSeq()
    list.flow = isFlow || value.every((each) => typeof each !== 'object' || each === null)
    for (const each of value) list.items.push(nodeOf(each, list.flow))
    return list
  }
  if (typeof value !== 'object' || value === null) return new Scalar(value)
  const map = new YAMLMap()
  map.flow = isFlow
  for (const [name, each] of Object.entries(value)) if (each !== undefined) map.items.push(pairOf(name, each, isFlow))
  return map
}

/** A key with its value, and above it what it was guessed by. */
function pairOf(name: string, value: unknown, isFlow = false): Pair {
  const key = new Scalar(name)
  const comment = value instanceof Marked ? value.comment : undefined
  if (comment !== undefined && !isFlow) key.commentBefore = ` ${comment.replace(/\s+/g, ' ')}`
  const node = nodeOf(value, isFlow)
  const isEmpty = isMap(node) && node.items.length === 0
  if (isEmpty) (node as YAMLMap).flow = true
  return new Pair(key, node)
}
