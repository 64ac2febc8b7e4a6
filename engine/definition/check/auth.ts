import type { AuthMethod, FormField, Integration } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { shortList, unknownName } from '../words.ts'

type Key = 'token' | 'username' | 'password' | 'in' | 'name' | 'value'

/** What each type of auth needs and may have. */
const KEYS: Readonly<Record<AuthMethod['type'], { needs: readonly Key[]; may: readonly Key[] }>> = {
  bearer: { needs: ['token'], may: [] },
  basic: { needs: ['username'], may: ['password'] },
  api_key: { needs: ['in', 'name', 'value'], may: [] },
  none: { needs: [], may: [] },
}

const ALL: readonly Key[] = ['token', 'username', 'password', 'in', 'name', 'value']

/** Whether auth methods have what their type needs, and read only fields that are asked for. */
export function checkAuth({ integration }: Subject): Issue[] {
  const { definition } = integration
  const methods = definition?.at('auth')?.at('methods')
  if (definition === undefined || methods === undefined) return []
  if (methods.entries().length === 0) {
    const facts = {
      message: 'there is no way to connect',
      hint: 'Add a method; `type: none` says that none is needed.',
    }
    return [methods.issue('key', 'auth_keys', facts)]
  }
  return methods.entries().flatMap(([, method]) => [...keyIssues(method), ...fieldIssues(definition, method)])
}

function keyIssues(method: Located<AuthMethod>): Issue[] {
  const type = method.at('type')?.value
  if (type === undefined) return []
  const { needs, may } = KEYS[type]
  const missing = needs.filter((key) => method.at(key) === undefined)
  const foreign = ALL.filter((key) => ![...needs, ...may].includes(key) && method.at(key) !== undefined)
  const words = [...needs, ...may].length === 0 ? 'none of these keys' : shortList([...needs, ...may])
  return [
    ...missing.map((key) =>
      method.issue('key', 'auth_keys', { message: `\`type: ${type}\` needs \`${key}\``, hint: `It takes ${words}.` }),
    ),
    ...foreign.map((key) =>
      (method.at(key) as Located<unknown>).issue('key', 'auth_keys', {
        message: `\`type: ${type}\` does not use \`${key}\``,
        hint: `It takes ${words}.`,
      }),
    ),
  ]
}

/** Names of the fields that end in the vault ($credentials), or else in the settings ($connection). */
function fieldNames(integration: Located<Integration>, method: Located<AuthMethod>, isSecret: boolean): string[] {
  const own = Object.entries(method.value.fields ?? {})
  const general = Object.entries(integration.value.settings ?? {})
  const has = ([, field]: [string, FormField]): boolean => (field.secret ?? false) === isSecret
  return [...own, ...general].filter(has).map(([name]) => name)
}

function fieldIssues(integration: Located<Integration>, method: Located<AuthMethod>): Issue[] {
  const slots = [method.at('token'), method.at('username'), method.at('password'), method.at('value')]
  const headers = (method.at('headers')?.entries() ?? []).map(([, node]) => node)
  const texts = [...slots, ...headers].filter((node) => node !== undefined) as Located<string>[]
  const read = texts.flatMap((node) => {
    const expressions = [node.expression, ...(node.template?.parts ?? []).filter((part) => typeof part !== 'string')]
    return expressions.flatMap((expression) =>
      (expression?.variablePaths ?? []).map((path) => ({ node, path: path.split('.') })),
    )
  })
  const unknown = read.flatMap(({ node, path: [variable, name] }) => {
    const known = fieldNames(integration, method, variable === 'credentials')
    if (name === undefined || known.includes(name)) return []
    const what = variable === 'credentials' ? 'secret field' : 'setting'
    return [unknownName(node, 'value', 'unknown_setting', what, name, known)]
  })
  const used = new Set(read.flatMap(({ path: [variable, name] }) => (variable === 'credentials' ? [name] : [])))
  const unused = (method.at('fields')?.entries() ?? [])
    .filter(([name, field]) => field.value.secret === true && !used.has(name))
    .map(([name, field]) =>
      field.issue('key', 'unused_key', {
        message: `the secret \`${name}\` is asked for and never sent`,
        hint: `Read it as \`$credentials.${name}\`, or do not ask for it.`,
      }),
    )
  return [...unknown, ...unused]
}
