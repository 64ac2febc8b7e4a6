import { createHash } from 'node:crypto'
import type { CompiledTemplate } from '../expression/index.ts'
import type { RuleAction as RawAction, RuleStep as RawStep, Rule as RuleFile } from '../schema/generated.ts'
import { checkRule } from './check/rules.ts'
import { Located } from './document.ts'
import { type SourceFile, shownPath } from './files.ts'
import { deepFreeze, FrozenMap } from './frozen.ts'
import { type Issue, sortIssues } from './issue.ts'
import type { Rule, RuleAction, RuleStep } from './rule-types.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

/** Rules by name, and everything that is wrong with any of them. */
export interface CompiledRules {
  /** Undefined when there is an error. */
  readonly rules: ReadonlyMap<string, Rule> | undefined
  readonly issues: Issue[]
}

/** Reads, checks and compiles the files of rules. `eventTypes` are those that there are. */
export function compileRules(files: readonly SourceFile[], eventTypes: readonly string[]): CompiledRules {
  const issues: Issue[] = []
  const found = new Map<string, Rule>()
  for (const file of files) {
    const { document, issues: unreadable } = readYaml(file, 'rule')
    issues.push(...unreadable, ...(document.isBroken ? [] : validate(document).issues))
    if (typeof document.data !== 'object' || document.data === null) continue
    const node = new Located(document, '', document.data as RuleFile)
    const own = checkRule(node, { stem: /([^/]+)\.ya?ml$/.exec(file.path)?.[1] ?? '', eventTypes })
    const earlier = found.get(node.value.name)
    if (earlier !== undefined) {
      const facts = { message: `${earlier.file} has a rule of this name`, hint: 'Give one of them another name.' }
      own.push((node.at('name') ?? node).issue('value', 'duplicate_name', facts))
    }
    issues.push(...own)
    if (issues.some(({ severity }) => severity === 'error')) continue
    const version = createHash('sha256').update(file.text).digest('hex')
    found.set(node.value.name, deepFreeze(ruleOf(node, { version, file: shownPath(file) })))
  }
  const shown = sortIssues(issues)
  const isFaulty = shown.some(({ severity }) => severity === 'error')
  return { rules: isFaulty ? undefined : new FrozenMap(found), issues: shown }
}

function ruleOf(node: Located<RuleFile>, source: Pick<Rule, 'version' | 'file'>): Rule {
  const { name, description, enabled = true, environments = ['default'], on, refresh = false, timezone } = node.value
  return {
    ...source,
    ...{ name, description, isEnabled: enabled, environments, on, refresh, timezone: timezone ?? 'UTC' },
    condition: node.at('if')?.expression,
    subject: node.at('subject')?.expression,
    key: node.at('key')?.expression,
    quiet: quietOf(node.value.quiet),
    stop: (node.at('stop')?.items() ?? []).map((stop) => ({
      on: stop.value.on ?? [],
      condition: stop.at('if')?.expression,
    })),
    steps: node.need('steps').items().map(stepOf),
  }
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function quietOf(quiet: RuleFile['quiet']): Rule['quiet'] {
  const { from, to, days = [] } = quiet ?? {}
  const hours = from === undefined || to === undefined ? undefined : { from: minuteOf(from), to: minuteOf(to) }
  return { hours, days: days.map((day) => DAYS.indexOf(day)) }
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const UNITS = { m: 'minute', h: 'hour', d: 'day' } as const

/** How long after the start; `0` is at once. */
function offsetOf(text = '0'): RuleStep['after'] {
  const unit = UNITS[text.at(-1) as keyof typeof UNITS] ?? 'minute'
  return { count: Number.parseInt(text, 10), unit }
}

function stepOf(node: Located<RawStep>): RuleStep {
  return { after: offsetOf(node.value.after), actions: node.need('do').items().map(actionOf) }
}

function actionOf(node: Located<RawAction>): RuleAction {
  const slack = node.at('slack')
  if (slack !== undefined) return { kind: 'slack', to: slack.value.to, text: textOf(slack.need('text')) }
  const email = node.at('email')
  if (email !== undefined) {
    const texts = { to: textOf(email.need('to')), subject: textOf(email.need('subject')) }
    return { kind: 'email', ...texts, text: textOf(email.need('text')) }
  }
  const note = node.at('note')
  if (note !== undefined) return { kind: 'note', text: textOf(note.need('text')) }
  return { kind: 'webhook', text: node.at('webhook')?.at('text')?.template }
}

function textOf(node: Located<string>): CompiledTemplate {
  if (node.template === undefined) throw new TypeError(`${node.pointer}: the text is not compiled`)
  return node.template
}
