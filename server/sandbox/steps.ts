import type { SandboxStep } from '../../engine/index.ts'
import { move } from './calendar.ts'
import type { Run, Step, Values, World } from './contract.ts'
import { isObject, type Json } from './paths.ts'
import type { Dice } from './random.ts'
import { Refusal } from './refusal.ts'
import type { Slots } from './slots.ts'

type ActionName = Exclude<keyof SandboxStep, 'when' | 'as'>

type Rule<K extends ActionName> = NonNullable<SandboxStep[K]>

/** Does one step and gives what `as` names; undefined gives nothing. */
type Action = (world: World, run: Run) => unknown

type Named = readonly (readonly [string, Values])[]

const objectOf = (named: Named, world: World, run: Run): Json => {
  const values = world.values(
    named.map(([, value]) => value),
    run,
  )
  return Object.fromEntries(named.map(([name], index) => [name, values[index]]))
}

/** Values of the fields that have one: what a call was not given is not there. */
const givenOf = (named: Named, world: World, run: Run): Json =>
  Object.fromEntries(Object.entries(objectOf(named, world, run)).filter(([, value]) => value !== null))

const idOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined

function draw(dice: Dice, rule: Rule<'draw'>[string]): unknown {
  if (rule.of !== undefined) return dice.of(rule.of)
  if (rule.weights === undefined) return dice.whole(rule.from ?? 0, rule.to ?? 0, rule.step)
  const entries = Object.entries(rule.weights)
  let left = dice.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [text, weight] of entries) {
    left -= weight
    if (left < 0) return text
  }
  return entries.at(-1)?.[0]
}

function whereOf(slots: Slots, where: Readonly<Record<string, string>> = {}) {
  const parts = Object.entries(where).map(([path, source]) => [path, slots.text(source)] as const)
  return (world: World, run: Run) => parts.map(([path, source]) => [path, world.evaluate(source, run) ?? null] as const)
}

/** How each kind of step is compiled. */
const ACTIONS: { readonly [K in ActionName]: (rule: Rule<K>, slots: Slots) => Action } = {
  let: (rule, slots) => {
    const named = slots.fields(rule)
    return (world, run) => {
      Object.assign(run.let, objectOf(named, world, run))
    }
  },
  steps: (rule, slots) => {
    const steps = compileSteps(rule, slots)
    return (world, run) => runSteps(steps, world, run)
  },
  fail: (rule, slots) => {
    const facts = slots.fields(rule.with)
    const about = slots.maybe(rule.about)
    return (world, run) => {
      const id = about === undefined ? undefined : idOf(world.evaluate(about, run))
      const shown = id === undefined ? {} : { about: world.show(rule.in ?? run.resource, id, run) }
      throw new Refusal(rule.error, { ...givenOf(facts, world, run), ...shown }, rule.keep)
    }
  },
  get: (rule, slots) => {
    const id = slots.text(rule.id)
    return (world, run) => {
      const found = world.evaluate(id, run)
      if (found === undefined || found === null) return null
      return rule.optional === true
        ? (world.get(rule.in, found) ?? null)
        : world.need(rule.in, found, rule.param ?? 'id')
    }
  },
  find: (rule, slots) => {
    const where = whereOf(slots, rule.where)
    return (world, run) => {
      const found = world.find(rule.in, where(world, run), run)
      return rule.all === true ? found : (found[0] ?? null)
    }
  },
  create: (rule, slots) => {
    const named = slots.fields(rule.with)
    return (world, run) => world.create(rule.in, givenOf(named, world, run), run)
  },
  set: (rule, slots) => {
    const id = slots.maybe(rule.id)
    const fields = slots.fields(rule.fields)
    return (world, run) => {
      const target = id === undefined ? run.id : idOf(world.evaluate(id, run))
      if (target === undefined) throw new TypeError(`a step sets fields of no record of ${rule.in ?? run.resource}`)
      return world.set(rule.in ?? run.resource, target, Object.entries(objectOf(fields, world, run)))
    }
  },
  remove: (rule, slots) => {
    const id = slots.text(rule.id)
    return (world, run) => world.remove(rule.in, String(world.evaluate(id, run)))
  },
  call: (rule, slots) => {
    const id = slots.maybe(rule.id)
    const named = slots.fields(rule.with)
    return (world, run) => {
      const target = id === undefined ? undefined : idOf(world.evaluate(id, run))
      const body = givenOf(named, world, run)
      try {
        return world.call(rule.method, target, body, run) ?? null
      } catch (failure) {
        if (!(failure instanceof Refusal) || rule.catch?.includes(failure.error) !== true) throw failure
        return { failed: failure.error, ...failure.facts }
      }
    }
  },
  emit: (rule, slots) => {
    const type = slots.text(rule.type)
    const id = slots.maybe(rule.id)
    return (world, run) => {
      const target = id === undefined ? run.id : idOf(world.evaluate(id, run))
      if (target !== undefined) world.emit(String(world.evaluate(type, run)), rule.in ?? run.resource, target, run)
    }
  },
  each: (rule, slots) => {
    const of = slots.text(rule.of)
    const steps = compileSteps(rule.do, slots)
    return (world, run) => {
      const list = world.evaluate(of, run) ?? []
      const outer = run.item
      for (const item of Array.isArray(list) ? list : [list]) {
        run.item = item
        runSteps(steps, world, run)
      }
      run.item = outer
    }
  },
  calendar: (rule, slots) => {
    const [from, unit, count] = [slots.text(rule.from), slots.text(rule.unit), slots.text(rule.count)]
    return (world, run) =>
      move(Number(world.evaluate(from, run)), String(world.evaluate(unit, run)), Number(world.evaluate(count, run)))
  },
  advance_s: (rule, slots) => {
    const seconds = slots.text(rule)
    return (world, run) => world.advance(Number(world.evaluate(seconds, run)))
  },
  draw: (rule) => (world, run) => {
    for (const [name, one] of Object.entries(rule)) run.let[name] = draw(world.dice, one)
  },
  pick: (rule, slots) => {
    const where = whereOf(slots, rule.where)
    return (world, run) => {
      const found = world.find(rule.in, where(world, run), run)
      return found.length === 0 ? null : world.dice.of(found)
    }
  },
  wait_s: (rule, slots) => {
    const seconds = slots.text(rule)
    return (world, run) => {
      run.now = Math.min(run.now + Number(world.evaluate(seconds, run)), world.now())
    }
  },
}

/** Compiles checked steps. */
export function compileSteps(steps: readonly SandboxStep[] = [], slots: Slots): Step[] {
  return steps.map((step) => compileStep(step, slots))
}

function compileStep(step: SandboxStep, slots: Slots): Step {
  const name = Object.keys(step).find((key): key is ActionName => Object.hasOwn(ACTIONS, key))
  if (name === undefined) throw new TypeError(`a sandbox step does nothing: ${JSON.stringify(step)}`)
  const compile = ACTIONS[name] as (rule: unknown, slots: Slots) => Action
  const [when, action] = [slots.maybe(step.when), compile(step[name], slots)]
  return (world, run) => {
    if (when !== undefined && !isTrue(world.evaluate(when, run))) return
    const result = action(world, run)
    if (step.as !== undefined) run.let[step.as] = result
  }
}

/** Runs steps in order. */
export function runSteps(steps: readonly Step[], world: World, run: Run): void {
  for (const step of steps) step(world, run)
}

/** Truth as JSONata's $boolean has it. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue)
  return isObject(value) ? Object.keys(value).length > 0 : Boolean(value)
}
