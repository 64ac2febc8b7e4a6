import type { PostInstallStep } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'
import { parameterIssues, pathIssues } from './paths.ts'
import { settingsOf } from './variables.ts'

/** Steps of a connect: each named once, with what its operation wants, storing into settings that are declared. */
export function checkPostInstall({ integration }: Subject): Issue[] {
  const { definition, operations, isBroken } = integration
  const steps = (definition?.at('auth')?.at('post_install')?.items() ?? []) as Located<PostInstallStep>[]
  if (definition === undefined || isBroken) return []
  const known = settingsOf(definition.value)
  return steps.flatMap((step, index) => {
    const to = step.at('to')
    if (to === undefined) return []
    const settings = step.at('settings')?.entries() ?? []
    const isTwice = steps.slice(0, index).some(({ value }) => value.name === step.value.name)
    const effect = operations.get(to.value)?.value.effect ?? 'money'
    return [
      ...(isTwice ? [twice(step)] : []),
      ...(operations.has(to.value) && effect === 'money' ? [moves(to)] : []),
      ...pathIssues(integration, { from: to, given: step.at('path')?.entries() ?? [], filled: [] }),
      ...parameterIssues(integration, to, 'query', step.at('query')?.entries() ?? []),
      ...parameterIssues(integration, to, 'body', step.at('body')?.entries() ?? []),
      ...settings.flatMap(([name, node]) =>
        known.includes(name) ? [] : [unknownName(node, 'key', 'unknown_setting', 'setting', name, known)],
      ),
    ]
  })
}

const twice = (step: Located<PostInstallStep>): Issue =>
  (step.at('name') as Located<string>).issue('value', 'duplicate_name', {
    message: `there is a step \`${step.value.name}\` already`,
    hint: 'A failure names its step: give each a name of its own.',
  })

const moves = (to: Located<string>): Issue =>
  to.issue('value', 'post_install_effect', {
    message: `\`${to.value}\` moves money, and nobody asked for that by connecting`,
    hint: 'Name an operation with `effect: read`, `write` or `credential`.',
  })
