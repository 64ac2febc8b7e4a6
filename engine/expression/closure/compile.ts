import type {
  AnyNode,
  ArrowFunctionExpression,
  AssignmentExpression,
  BinaryExpression,
  CallExpression,
  ConditionalExpression,
  Expression,
  Identifier,
  MemberExpression,
  ObjectExpression,
  Pattern,
  SequenceExpression,
  Statement,
  VariableDeclaration,
} from 'acorn'
import { callOf, callOfAny, callOfMethod, functionOf } from './functions.ts'
import { type Frame, frameAt, Names, type Run, reader } from './names.ts'
import { BINARY, LOGICAL, type Side, UNARY } from './operators.ts'

/**
 * Gives what a verified function of generated code returns, without making code from text: each node becomes a closure.
 * `given` are its arguments by name. Throws TypeError for syntax that no generator writes.
 */
export function runClosures({ body }: ArrowFunctionExpression, given: ReadonlyMap<string, unknown>): unknown {
  if (body.type !== 'BlockStatement') throw odd(body)
  const constants = new Map(given)
  const names = new Names(constants)
  for (const statement of body.body) {
    if (statement.type === 'ReturnStatement') return expression(statement.argument ?? odd(statement), names)([])
    if (statement.type === 'VariableDeclaration') declareConstants(statement, constants, names)
    else if (statement.type !== 'ExpressionStatement' || statement.directive === undefined) throw odd(statement)
  }
  throw odd(body)
}

function declareConstants({ declarations }: VariableDeclaration, constants: Map<string, unknown>, names: Names): void {
  for (const { id, init } of declarations) {
    const value = init == null ? undefined : expression(init, names)([])
    if (id.type === 'Identifier') constants.set(id.name, value)
    else if (id.type === 'ObjectPattern') {
      for (const property of id.properties) {
        if (property.type !== 'Property' || property.value.type !== 'Identifier') throw odd(property)
        constants.set(property.value.name, (value as Record<string, unknown>)[keyOf(property.key)])
      }
    } else throw odd(id)
  }
}

/** What an expression of generated code may be, and how each kind becomes a closure. */
const EXPRESSIONS: Readonly<Record<string, (node: never, names: Names) => Run>> = {
  Literal: ({ value }: { value: unknown }) => always(value),
  Identifier: identifier,
  MemberExpression: member,
  ArrayExpression: ({ elements }: { elements: readonly (Expression | null)[] }, names: Names) => array(elements, names),
  ObjectExpression: object,
  ArrowFunctionExpression: arrow,
  CallExpression: call,
  ConditionalExpression: conditional,
  AssignmentExpression: assignment,
  SequenceExpression: sequence,
  BinaryExpression: binary,
  UnaryExpression: ({ operator, argument }: { operator: string; argument: Expression }, names: Names) =>
    (UNARY[operator] ?? odd())(expression(argument, names)),
  LogicalExpression: ({ operator, left, right }: { operator: string; left: Expression; right: Expression }, names) =>
    (LOGICAL[operator] ?? odd())(expression(left, names), expression(right, names)),
}

function expression(node: AnyNode, names: Names): Run {
  const compile = EXPRESSIONS[node.type]
  if (compile === undefined) throw odd(node)
  return compile(node as never, names)
}

const always =
  (value: unknown): Run =>
  () =>
    value

function odd(node?: AnyNode): never {
  throw new TypeError(
    `Generated code holds ${node === undefined ? 'an operator' : `a ${node.type}`} that has no closure`,
  )
}

const keyOf = (key: AnyNode): string =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : odd(key)

function identifier({ name }: Identifier, names: Names): Run {
  if (names.isConstant(name)) return always(names.constants.get(name))
  const { depth, place } = names.find(name)
  return reader(depth, place)
}

function sideOf(node: AnyNode, names: Names): Side {
  const run = expression(node, names)
  const isKnown = node.type === 'Literal' || (node.type === 'Identifier' && names.isConstant(node.name))
  return { run, known: isKnown ? { value: run([]) } : undefined }
}

function binary({ operator, left, right }: BinaryExpression, names: Names): Run {
  return (BINARY[operator] ?? odd())(sideOf(left, names), sideOf(right, names))
}

function member({ object, property, computed }: MemberExpression, names: Names): Run {
  const of = expression(object, names)
  if (computed && property.type !== 'Literal') throw odd(property)
  const key = computed && property.type === 'Literal' ? (property.value as string | number) : keyOf(property)
  return (frame) => (of(frame) as Record<string | number, unknown>)[key]
}

function array(elements: readonly (Expression | null | AnyNode)[], names: Names): Run {
  const items = elements.map((element) => (element === null ? odd() : expression(element, names)))
  const [first, second] = items
  if (first === undefined) return () => []
  if (second === undefined) return (frame) => [first(frame)]
  return (frame) => items.map((item) => item(frame))
}

function object({ properties }: ObjectExpression, names: Names): Run {
  const fields = properties.map((property) => {
    if (property.type !== 'Property') throw odd(property)
    return [keyOf(property.key), expression(property.value, names)] as const
  })
  return (frame) => {
    const made: Record<string, unknown> = {}
    for (const [key, value] of fields) made[key] = value(frame)
    return made
  }
}

function call({ callee, arguments: given }: CallExpression, names: Names): Run {
  const args = given.map((argument) => expression(argument, names))
  if (callee.type === 'MemberExpression') {
    if (callee.computed) throw odd(callee)
    return callOfMethod(expression(callee.object, names), keyOf(callee.property), args)
  }
  const { run, known } = sideOf(callee, names)
  return known === undefined ? callOfAny(run, args) : callOf(known.value as Parameters<typeof callOf>[0], args)
}

function conditional({ test, consequent, alternate }: ConditionalExpression, names: Names): Run {
  const [condition, yes, no] = [expression(test, names), expression(consequent, names), expression(alternate, names)]
  return (frame) => (condition(frame) ? yes(frame) : no(frame))
}

function sequence({ expressions }: SequenceExpression, names: Names): Run {
  const parts = expressions.map((part) => expression(part, names))
  const last = parts.pop() ?? odd()
  return (frame) => {
    for (const part of parts) part(frame)
    return last(frame)
  }
}

function assignment({ left, right }: AssignmentExpression, names: Names): Run {
  const value = expression(right, names)
  if (left.type === 'Identifier') {
    const { depth, place } = names.find(left.name)
    return depth === 0
      ? (frame) => {
          frame[place] = value(frame)
          return frame[place]
        }
      : (frame) => {
          const found = value(frame)
          frameAt(frame, depth)[place] = found
          return found
        }
  }
  if (left.type !== 'MemberExpression' || left.property.type !== 'Literal') throw odd(left)
  const [of, key] = [expression(left.object, names), String(left.property.value)]
  return (frame) => {
    const target = of(frame) as Record<string, unknown>
    target[key] = value(frame)
    return target[key]
  }
}

function arrow({ params, body }: ArrowFunctionExpression, outer: Names): Run {
  const names = new Names(outer.constants, outer)
  for (const parameter of params) names.add(nameOf(parameter))
  const parameters = names.size
  const run = body.type === 'BlockStatement' ? block(body.body, names) : expression(body, names)
  return functionOf(parameters, names.size - parameters, run)
}

const nameOf = (pattern: Pattern): string => (pattern.type === 'Identifier' ? pattern.name : odd(pattern))

/** The statements of a function: declarations and expressions, then what it returns. */
function block(statements: readonly Statement[], names: Names): Run {
  const declared = statements.flatMap((statement) => (statement.type === 'VariableDeclaration' ? [statement] : []))
  for (const { id } of declared.flatMap(({ declarations }) => declarations)) names.add(nameOf(id))
  const steps: Run[] = []
  for (const statement of statements) {
    if (statement.type === 'ReturnStatement') {
      const result = expression(statement.argument ?? odd(statement), names)
      return (frame) => {
        for (const step of steps) step(frame)
        return result(frame)
      }
    }
    if (statement.type === 'VariableDeclaration') steps.push(...initial(statement, names))
    else steps.push(step(statement, names))
  }
  throw new TypeError('Generated code holds a function that returns nothing')
}

/** An expression that stands by itself, or an attempt at one and what is done instead. */
function step(statement: Statement, names: Names): Run {
  if (statement.type === 'ExpressionStatement') return expression(statement.expression, names)
  if (statement.type !== 'TryStatement') throw odd(statement)
  const [first, ...others] = statement.block.body
  const [instead, ...more] = statement.handler?.body.body ?? []
  if (first === undefined || instead === undefined || others.length + more.length > 0) throw odd(statement)
  const [attempt, otherwise] = [step(first, names), step(instead, names)]
  return (frame) => {
    try {
      return attempt(frame)
    } catch {
      return otherwise(frame)
    }
  }
}

function initial({ declarations }: VariableDeclaration, names: Names): Run[] {
  return declarations.flatMap(({ id, init }) => {
    if (init == null) return []
    const { place } = names.find(nameOf(id))
    const value = expression(init, names)
    return [
      (frame: Frame) => {
        frame[place] = value(frame)
      },
    ]
  })
}
