import { DOCUMENTS } from '../schema/generated.ts'
import { type Document, Located } from './document.ts'
import type { Issue } from './issue.ts'
import { leafIssues } from './leaf.ts'
import { branchFor, choiceOfKeys, definitionNamed, hasType, type Shape, shapeOf } from './schema-shape.ts'
import { compileSlot } from './slots.ts'
import { conflictingKeys, missingKey, unknownKey, wrongType } from './words.ts'

/** Something that a value of a document refers to, found by the marks of the schema. */
export interface Reference {
  readonly kind: 'operation' | 'error-code'
  readonly node: Located<string>
}

/** What a walk through a document found. */
export interface Findings {
  readonly issues: Issue[]
  readonly references: Reference[]
}

const REFUSED = Symbol('refused')

/**
 * Holds a document against the schema of its kind: every fault is reported at its place, expressions are compiled, and
 * what the schema refuses is left out of `document.data`, so that later checks see only values of the right type.
 */
export function validate(document: Document, definition: string = DOCUMENTS[document.kind]): Findings {
  const findings: Findings = { issues: [], references: [] }
  const root = new Located<unknown>(document, '', document.data)
  const data = visit(root, shapeOf(definitionNamed(definition)), findings)
  document.data = data === REFUSED ? undefined : data
  return findings
}

function visit(node: Located<unknown>, shape: Shape, findings: Findings): unknown {
  if (shape.oneOf !== undefined && choiceOfKeys(shape) === undefined) {
    const branch = branchFor(shape.oneOf, node.value)
    if (branch !== undefined) return visit(node, shapeOf(branch), findings)
    findings.issues.push(wrongType(node, shape))
    return REFUSED
  }
  if (!hasType(shape, node.value)) {
    findings.issues.push(wrongType(node, shape))
    return REFUSED
  }
  const faults = leafIssues(node, shape)
  findings.issues.push(...faults)
  if (typeof node.value === 'string') {
    if (faults.length === 0) note(node as Located<string>, shape, findings)
    return faults.length === 0 ? node.value : REFUSED
  }
  if (Array.isArray(node.value)) return visitList(node, shape, findings)
  if (typeof node.value === 'object' && node.value !== null) return visitMapping(node, shape, findings)
  return faults.length === 0 ? node.value : REFUSED
}

function note(node: Located<string>, shape: Shape, findings: Findings): void {
  if (shape['x-operation'] === true) findings.references.push({ kind: 'operation', node })
  if (shape['x-error-code'] === true) findings.references.push({ kind: 'error-code', node })
  findings.issues.push(...compileSlot(node, shape))
}

/** Elements that are refused keep their place as null would shift the others; the list then is left out as a whole. */
function visitList(node: Located<unknown>, shape: Shape, findings: Findings): unknown {
  const { items } = shape
  if (items === undefined) return node.value
  const values = node.as<readonly unknown[]>().items()
  const seen = values.map((item) => visit(item, shapeOf(items), findings))
  return seen.includes(REFUSED) ? REFUSED : seen
}

/** The schema of a key; `constructor` and the like are keys as all others. */
function propertyOf({ properties = {}, additionalProperties }: Shape, key: string): object | boolean | undefined {
  return Object.hasOwn(properties, key) ? properties[key] : additionalProperties
}

function visitMapping(node: Located<unknown>, shape: Shape, findings: Findings): unknown {
  const data: Record<string, unknown> = {}
  const own = node as Located<Record<string, unknown>>
  for (const [key, child] of own.entries()) {
    const property = propertyOf(shape, key)
    const isClosed = property === false || (property === undefined && shape.unevaluatedProperties === false)
    if (isClosed) findings.issues.push(unknownKey(child, key, shape))
    const value = typeof property === 'object' ? visit(child, shapeOf(property), findings) : child.value
    // Not an assignment: a key `__proto__` is a key like others.
    if (!isClosed && value !== REFUSED) {
      Object.defineProperty(data, key, { value, enumerable: true, writable: true, configurable: true })
    }
  }
  for (const key of shape.required ?? [])
    if (!Object.hasOwn(own.value, key)) findings.issues.push(missingKey(own, key, shape))
  const choice = choiceOfKeys(shape)
  if (choice !== undefined) findings.issues.push(...conflictingKeys(own, choice))
  return data
}
