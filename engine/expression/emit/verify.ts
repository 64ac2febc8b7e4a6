import {
  type AnyNode,
  type ArrowFunctionExpression,
  type AssignmentProperty,
  type Identifier,
  type MemberExpression,
  type Pattern,
  type Property,
  parse,
} from 'acorn'
import { INHERITED } from './names.ts'

/** The names of what generated code is given as a whole, in order. */
export const PARAMETERS = ['H', 'K', 'isArray', 'own', 'UNSET', 'U'] as const

/** The kinds of syntax that generated code is made of. */
const ALLOWED = new Set([
  'Program',
  'ExpressionStatement',
  'VariableDeclaration',
  'VariableDeclarator',
  'ObjectPattern',
  'ReturnStatement',
  'BlockStatement',
  'TryStatement',
  'CatchClause',
  'ArrowFunctionExpression',
  'CallExpression',
  'ConditionalExpression',
  'LogicalExpression',
  'BinaryExpression',
  'UnaryExpression',
  'AssignmentExpression',
  'SequenceExpression',
  'ArrayExpression',
  'ObjectExpression',
  'Property',
  'MemberExpression',
  'Identifier',
  'Literal',
])

/** Names that generated code is given, beside those that it numbers and the functions of the runtime. */
const GIVEN = new Set(['H', 'K', 'U', 'UNSET', 'isArray', 'own', 'record', 'variables', 'hidden', 'i', 't', 'u'])
const NUMBERED = /^[aikoptvx]\d+$/

/** Fields that are read or written with a name in the code; all others stand in brackets, as text. */
const MEMBERS = new Set(['has', 'length'])
const KEYS = new Set(
  'of isDescending over terms stages filter pick index focus ancestor isStream isKept keepArray pairs choices power'.split(
    ' ',
  ),
)

/**
 * Parses generated code again and refuses whatever the generator has no business to write: a second lock, should a text of
 * an expression ever get out of its literal. Throws TypeError; `helpers` are the functions of the runtime. The answer is
 * the code as a function of PARAMETERS, which closure/ can run as well.
 */
export function verify(source: string, helpers: ReadonlySet<string>): ArrowFunctionExpression {
  const program = parse(`(${PARAMETERS.join(',')})=>{${source}}`, { ecmaVersion: 2022, sourceType: 'script' })
  visit(program as AnyNode, helpers)
  const [statement, ...others] = program.body
  if (statement?.type === 'ExpressionStatement' && others.length === 0) {
    if (statement.expression.type === 'ArrowFunctionExpression') return statement.expression
  }
  throw new TypeError('Generated code is more than one function')
}

function visit(node: AnyNode, helpers: ReadonlySet<string>): void {
  const isAllowed = ALLOWED.has(node.type) && isFit(node, helpers)
  if (!isAllowed) throw new TypeError(`Generated code holds a ${node.type} that may not be there`)
  for (const child of childrenOf(node)) visit(child, helpers)
}

function isFit(node: AnyNode, helpers: ReadonlySet<string>): boolean {
  switch (node.type) {
    case 'Identifier':
      return isKnown(node, helpers)
    case 'MemberExpression':
      return isPlainMember(node)
    case 'Property':
      return isPlainProperty(node, helpers)
    case 'TryStatement':
      return node.handler?.param === null && node.finalizer === null
    case 'Literal':
      return node.regex === undefined && node.bigint === undefined
    case 'ArrowFunctionExpression':
      return !node.async
    case 'CallExpression':
      return node.callee.type === 'Identifier' || (node.callee.type === 'MemberExpression' && !node.callee.computed)
    case 'LogicalExpression':
      return node.operator !== '??'
    case 'AssignmentExpression':
      return node.operator === '=' && isTarget(node.left)
    case 'UnaryExpression':
      return node.operator === 'typeof' || node.operator === '!' || node.operator === '-'
    case 'BinaryExpression':
      return ['===', '!==', '+', 'in'].includes(node.operator)
    default:
      return true
  }
}

const isKnown = ({ name }: Identifier, helpers: ReadonlySet<string>): boolean =>
  NUMBERED.test(name) || GIVEN.has(name) || helpers.has(name)

/** A local of the code, or a field of an object that it makes. */
function isTarget(node: Pattern): boolean {
  if (node.type === 'MemberExpression') return node.object.type === 'Identifier' && /^o\d+$/.test(node.object.name)
  return node.type === 'Identifier' && (NUMBERED.test(node.name) || node.name === 't' || node.name === 'u')
}

/** `x.has`, `x.length`, or a literal in brackets: never the name of something else. */
function isPlainMember({ object, property, computed }: MemberExpression): boolean {
  if (object.type !== 'Identifier') return false
  if (!computed) return property.type === 'Identifier' && MEMBERS.has(property.name)
  return property.type === 'Literal' && (/^o\d+$/.test(object.name) || !INHERITED.has(String(property.value)))
}

function isPlainProperty(property: Property | AssignmentProperty, helpers: ReadonlySet<string>): boolean {
  const { key, computed, kind, method, shorthand } = property
  if (computed || method || kind !== 'init') return false
  if (key.type === 'Literal') return typeof key.value === 'string' && key.value !== '__proto__'
  return key.type === 'Identifier' && (shorthand ? helpers.has(key.name) : KEYS.has(key.name))
}

/** Parts of a node; the names of fields are not among them, they are looked at with the field. */
function childrenOf(node: AnyNode): AnyNode[] {
  if (node.type === 'MemberExpression') return [node.object, ...(node.computed ? [node.property] : [])] as AnyNode[]
  if (node.type === 'Property') return [node.value] as AnyNode[]
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode))
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
