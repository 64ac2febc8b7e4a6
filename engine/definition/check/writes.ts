import type { FieldMap, Write, WriteValues } from '../../schema/generated.ts'
import type { JsonSchema, ModelResource } from '../catalog.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { fieldNames, propertiesOf, schemaAt } from '../model-fields.ts'
import type { RawIntegration } from '../registry.ts'
import { unknownName } from '../words.ts'
import { readIssues } from './failures.ts'
import { parameterIssues, pathIssues } from './paths.ts'
import { absentIssues, isRead, unsentIssues } from './unsent.ts'
import type { View } from './view.ts'

type Way = { id?: string; to: string; path?: WriteValues; query?: WriteValues; body?: WriteValues }
type Read = { from: string; when?: string; path?: WriteValues; query?: WriteValues }

const STANDARD = ['create', 'update', 'delete'] as const

/** Writes against the model, the operations and the reads that they name. */
export function checkWrites(view: View): Issue[] {
  const { mapping, resource } = view
  const standard = STANDARD.flatMap((name) => {
    const node = mapping.at(name) as Located<Write> | undefined
    return node === undefined ? [] : [{ name: name as string, node, valid: [...resource.writes] }]
  })
  const methods = ((mapping.at('methods')?.entries() ?? []) as [string, Located<Write>][]).map(([name, node]) => ({
    name,
    node,
    valid: [...resource.methods.keys()],
  }))
  return [...standard, ...methods].flatMap(({ name, node, valid }) => {
    if (valid.includes(name)) return writeIssues(view, name, node)
    return [unknownName(node, 'key', 'unknown_unified_method', 'method of the resource', name, valid)]
  })
}

function writeIssues(view: View, name: string, node: Located<Write>): Issue[] {
  const { integration } = view.subject
  const route = (node.at('route') as Located<unknown> | undefined)?.as<readonly Way[]>()
  const ways = route?.items() ?? [node as Located<unknown> as Located<Way>]
  const followUps = (node.at('follow_ups') as Located<unknown> | undefined)?.as<readonly Way[]>().items() ?? []
  const reads = (node.at('reads')?.entries() ?? []) as [string, Located<Read>][]
  const shared = route === undefined ? [] : (node.at('path')?.entries() ?? []).map(([key]) => key)
  const expressions = expressionIssues(view, name, node)
  const isClear = expressions.length === 0 && [node, ...ways, ...followUps].every(isRead)
  return [
    ...ways.flatMap((way) => wayIssues(integration, way, ['id', ...shared])),
    ...followUps.flatMap((way) => wayIssues(integration, way, [])),
    ...reads.flatMap(([, read]) => {
      const from = read.at('from')
      if (from === undefined) return []
      const given = read.at('path')?.entries() ?? []
      return [...readIssues(integration, from, false), ...pathIssues(integration, { from, given, filled: ['id'] })]
    }),
    ...expressions,
    ...(isClear ? unsentIssues(view, name, node) : []),
    ...absentIssues(view, name, node),
    ...returnIssues(view, name, node),
  ]
}

function wayIssues(integration: RawIntegration, way: Located<Way>, filled: readonly string[]): Issue[] {
  const to = way.at('to')
  if (to === undefined) return []
  return [
    ...pathIssues(integration, { from: to, given: way.at('path')?.entries() ?? [], filled }),
    ...parameterIssues(integration, to, 'query', way.at('query')?.entries() ?? []),
    ...parameterIssues(integration, to, 'body', way.at('body')?.entries() ?? []),
  ]
}

/** Names that the expressions of a write read: reads that are not there, and fields that the body does not have. */
function expressionIssues({ resource }: View, name: string, node: Located<Write>): Issue[] {
  const body: JsonSchema = resource.bodies.get(name) ?? { type: 'object', additionalProperties: false, properties: {} }
  const known = Object.keys(node.value.reads ?? {})
  const used = new Set<string>()
  const issues = [...node.document.expressions].flatMap(([at, expression]) => {
    if (!at.startsWith(`${node.pointer}/`) || at.startsWith(`${node.pointer}/returns/`)) return []
    const place = node.below(at, expression.source)
    const reads = expression.variablePaths.filter((path) => path === 'reads' || path.startsWith('reads.'))
    const names = reads.map((path) => path.split('.')[1] ?? '*')
    for (const read of names) used.add(read)
    return [
      ...names
        .filter((read) => read !== '*' && !known.includes(read))
        .map((read) => unknownName(place, 'value', 'unknown_read', 'read', read, known)),
      ...expression.paths
        .filter((path) => path !== '*' && schemaAt(body, path) === undefined)
        .map((path) => unknownName(place, 'value', 'unknown_body_field', 'field of the body', path, fieldNames(body))),
    ]
  })
  const isUnclear = used.has('*') || [...used].some((read) => !known.includes(read))
  if (isUnclear) return issues
  const unused = (node.at('reads')?.entries() ?? []).filter(([read]) => !used.has(read))
  return [
    ...issues,
    ...unused.map(([read, each]) =>
      each.issue('key', 'unused_key', {
        message: `nothing uses \`$reads.${read}\``,
        hint: 'Remove the read, or use it.',
      }),
    ),
  ]
}

function returnIssues({ subject, resource, file }: View, name: string, node: Located<Write>): Issue[] {
  const returns = node.at('returns')
  const target = returns?.at('resource')
  const mapped = Object.keys(file.value.resources ?? {})
  const fields = returns?.at('fields') as Located<FieldMap> | undefined
  const answer = resource.methods.get(name)?.answer
  const issues: Issue[] = []
  if (target !== undefined && !mapped.includes(target.value)) {
    issues.push(unknownName(target, 'value', 'unknown_unified_resource', 'mapped resource', target.value, mapped))
  }
  issues.push(...answerIssues(resource, name, node, mapped))
  const model = subject.models.get(resource.model)
  const schema = answer ?? (target === undefined ? undefined : model?.resources.get(target.value)?.schema)
  if (fields === undefined || schema === undefined) return issues
  const known = Object.keys(propertiesOf(schema))
  return [
    ...issues,
    ...fields
      .entries()
      .filter(([field]) => schemaAt(schema, field) === undefined)
      .map(([field, each]) => unknownName(each, 'key', 'unknown_field', 'field of the answer', field, known)),
  ]
}

/** What the model says that a method answers with: a resource that is mapped, or an object whose fields are made. */
function answerIssues(
  { methods, name: own }: ModelResource,
  name: string,
  node: Located<Write>,
  mapped: string[],
): Issue[] {
  const method = methods.get(name)
  const [target, fields] = [node.at('returns')?.at('resource'), node.at('returns')?.at('fields')]
  if (method?.answer !== undefined && fields === undefined) {
    const message = `\`${name}\` answers with an object of its own`
    return [node.issue('key', 'missing_key', { message, hint: 'Make its fields under `returns: { fields: ... }`.' })]
  }
  const wanted = method?.returns
  if (wanted === undefined || fields !== undefined) return []
  if (target !== undefined && target.value !== wanted) {
    const message = `the model says that \`${name}\` answers with \`${wanted}\``
    return [target.issue('value', 'field_conflict', { message, hint: `Write \`${wanted}\`, or leave it out.` })]
  }
  if (target !== undefined || wanted === own || mapped.includes(wanted)) return []
  const facts = {
    message: `\`${name}\` answers with \`${wanted}\`, which is not mapped`,
    hint: `Map \`${wanted}\` too.`,
  }
  return [node.issue('key', 'unknown_unified_resource', facts)]
}
