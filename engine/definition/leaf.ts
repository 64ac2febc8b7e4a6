import type { Located } from './document.ts'
import type { Issue } from './issue.ts'
import type { Shape } from './schema-shape.ts'
import { didYouMean, oneLine, shortList } from './words.ts'

/** What is wrong with a value of the right type, its parts aside. */
export function leafIssues(node: Located<unknown>, shape: Shape): Issue[] {
  const { value } = node
  const problem = valueProblem(value, shape)
  if (problem !== undefined) return [node.issue('value', 'invalid_value', problem)]
  if (typeof value === 'string') return textIssues(node as Located<string>, shape)
  if (typeof value === 'object' && value !== null) return sizeIssues(node, value, shape)
  return []
}

type Problem = { message: string; hint: string; valid?: string[] }

function valueProblem(value: unknown, shape: Shape): Problem | undefined {
  if (shape.const !== undefined && value !== shape.const) {
    return { message: `only \`${oneLine(shape.const)}\` is allowed here`, hint: `Write \`${oneLine(shape.const)}\`.` }
  }
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    const valid = shape.enum.map(String)
    const hint = `${didYouMean(String(value), valid)}Allowed are ${shortList(valid)}.`
    return { message: `\`${String(value)}\` is not allowed here`, hint, valid }
  }
  if (typeof value !== 'number') return undefined
  const { minimum = -Infinity, maximum = Infinity } = shape
  if (value >= minimum && value <= maximum) return undefined
  const bound = value < minimum ? `at least ${minimum}` : `at most ${maximum}`
  return { message: `${value} is out of range`, hint: `It must be ${bound}.` }
}

function textIssues(node: Located<string>, shape: Shape): Issue[] {
  const { value } = node
  const example = shape.examples?.[0] === undefined ? '' : `For example \`${oneLine(shape.examples[0])}\`.`
  if (value.length < (shape.minLength ?? 0)) {
    const hint = `An empty text means nothing here; leave the key out. ${example}`.trim()
    return [node.issue('value', 'invalid_value', { message: 'the text is empty', hint })]
  }
  if (shape.pattern !== undefined && !new RegExp(shape.pattern, 'u').test(value)) {
    const hint = `It must match ${shape.pattern} . ${example}`.trim()
    return [node.issue('value', 'invalid_value', { message: `\`${value}\` does not have the right form`, hint })]
  }
  if (shape.format === 'uri' && !URL.canParse(value)) {
    const message = `\`${value}\` is not an absolute URL`
    return [node.issue('value', 'invalid_value', { message, hint: 'Write it with its scheme, `https://...`.' })]
  }
  const failure = shape.format === 'regex' ? regexFailure(value) : undefined
  if (failure === undefined) return []
  return [node.issue('value', 'invalid_pattern', { message: failure, hint: 'Write a JavaScript regular expression.' })]
}

function regexFailure(source: string): string | undefined {
  try {
    new RegExp(source, 'u')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function sizeIssues(node: Located<unknown>, value: object, shape: Shape): Issue[] {
  const count = Object.keys(value).length
  const [least, most] = [shape.minItems ?? shape.minProperties ?? 0, shape.maxProperties ?? Infinity]
  const issues: Issue[] = []
  if (count < least || count > most) {
    const bound = count < least ? `at least ${least}` : `at most ${most}`
    const message = `there ${count === 1 ? 'is 1 entry' : `are ${count} entries`}`
    issues.push(node.issue('key', 'invalid_value', { message, hint: `There must be ${bound}.` }))
  }
  const pattern = shape.propertyNames?.pattern
  if (pattern === undefined || Array.isArray(value)) return issues
  const isName = new RegExp(pattern, 'u')
  for (const [key, child] of (node as Located<Record<string, unknown>>).entries()) {
    if (isName.test(key)) continue
    const message = `the name \`${key}\` does not have the right form`
    issues.push(child.issue('key', 'invalid_value', { message, hint: `It must match ${pattern} .` }))
  }
  return issues
}
