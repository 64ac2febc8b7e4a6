import { EngineError, type SandboxFile, type SandboxStep } from '../../engine/index.ts'
import type { Rules, VersionRules } from './contract.ts'
import { MACHINE_ERRORS } from './refusal.ts'

/** A fault of the rules that the schema cannot see. */
export const invalid = (message: string, hint: string): EngineError =>
  new EngineError('definition_invalid', message, { hint })

/** Refuses names that lead nowhere, since they would fail only when a request comes to them. Throws definition_invalid. */
export function complain(rules: Rules, files: readonly SandboxFile[], operations: ReadonlySet<string>): void {
  const { errors, resources, eventsIn, refusals, due, versions, webhooks } = rules
  const missing = MACHINE_ERRORS.filter((name) => !errors.has(name))
  if (missing.length > 0) {
    throw invalid(`The sandbox rules lack the errors ${missing.join(', ')}`, 'Describe each under errors.')
  }
  const steps = stepsIn(files)
  const named = [...resources.values()].flatMap(({ links, lists, parents, methods }) => [
    ...[...methods.values()].flatMap((method) => method.lists?.of ?? []),
    ...links.flatMap(({ to }) => to),
    ...lists.map(({ of }) => of),
    ...Object.values(parents),
  ])
  const used = steps.flatMap((step) => [step.get, step.find, step.create, step.set, step.remove, step.emit, step.pick])
  const places = [
    ...named,
    ...used.map((rule) => rule?.in),
    eventsIn,
    ...due.map((rule) => rule.in),
    ...shownBy(versions),
    webhooks?.in,
  ].filter((name) => name !== undefined)
  refuseUnknown('resources', places, (name) => resources.has(name))
  const failures = [
    ...steps.flatMap(({ fail, call }) => [fail?.error, ...(call?.catch ?? [])]),
    ...refusals.map(({ error }) => error),
    versions?.error,
  ]
  refuseUnknown('errors', failures, (name) => errors.has(name))
  const methods = new Set(
    [...resources].flatMap(([name, rule]) => [...rule.methods.keys()].map((method) => `${name}.${method}`)),
  )
  const called = [
    ...steps.flatMap(({ call }) => (call === undefined ? [] : [call.method])),
    ...rules.routes.map(({ method }) => method),
  ]
  refuseUnknown('methods', called, (name) => methods.has(name))
  const idle = [...methods].filter((name) => !operations.has(name) && !called.includes(name))
  if (idle.length > 0) {
    throw invalid(
      `The sandbox rules have methods that are no operation and that no step calls: ${idle.join(', ')}`,
      'Remove them, or call them.',
    )
  }
}

function refuseUnknown(what: string, names: readonly (string | undefined)[], isKnown: (name: string) => boolean): void {
  const unknown = new Set(names.filter((name) => name !== undefined && !isKnown(name)))
  if (unknown.size === 0) return
  throw invalid(`The sandbox rules lead to unknown ${what}: ${[...unknown].join(', ')}`, `Describe them under ${what}.`)
}

/** Resources that the changes between versions name. */
const shownBy = (versions: VersionRules | undefined): string[] =>
  (versions?.changes ?? []).flatMap(({ resources }) =>
    [...resources].flatMap(([name, { reads, links }]) => [
      name,
      ...reads.map((read) => read.in),
      ...links.flatMap(({ to }) => to),
    ]),
  )

/** All steps of the files, those inside of steps too. */
function stepsIn(files: readonly SandboxFile[]): SandboxStep[] {
  const lists = files.flatMap(({ resources = {}, seed = [], due = [] }) => [
    ...due.map((rule) => rule.do),
    ...seed.map((group) => group.do),
    ...Object.values(resources).flatMap(({ methods = {} }) =>
      Object.values(methods).flatMap((method) => [method.before, method.do]),
    ),
  ])
  const flat = (steps: readonly SandboxStep[] = []): SandboxStep[] =>
    steps.flatMap((step) => [step, ...flat(step.steps), ...flat(step.each?.do)])
  return lists.flatMap(flat)
}
