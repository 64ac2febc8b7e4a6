import type { Compiled } from '../../expression/index.ts'
import type { AuthMethod, FormField, Integration } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { shortList, unknownName } from '../words.ts'
import { oauth2Issues, signingIssues } from './oauth2.ts'

type Key = 'token' | 'username' | 'password' | 'in' | 'name' | 'value' | 'oauth2'

/** What each type of auth needs and may have. */
const KEYS: Readonly<Record<AuthMethod['type'], { needs: readonly Key[]; may: readonly Key[] }>> = {
  bearer: { needs: ['token'], may: [] },
  basic: { needs: ['username'], may: ['password'] },
  api_key: { needs: ['in', 'name', 'value'], may: [] },
  oauth2: { needs: ['oauth2'], may: ['token', 'in', 'name', 'value'] },
  none: { needs: [], may: [] },
}

const ALL: readonly Key[] = ['token', 'username', 'password', 'in', 'name', 'value', 'oauth2']

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
  return methods
    .entries()
    .flatMap(([, method]) => [
      ...keyIssues(method),
      ...fieldIssues(definition, method),
      ...oauth2Issues(definition, method),
      ...signingIssues(method),
    ])
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

/** What the slots of a method may read: by variable the names, and what such a name is called. */
function readable(
  integration: Located<Integration>,
  method: Located<AuthMethod>,
): Readonly<Record<string, { readonly what: string; readonly names: readonly string[] }>> {
  const { fields = {}, app = {}, oauth2 } = method.value
  const all = Object.entries({ ...integration.value.settings, ...fields })
  const named = (isSecret: boolean): string[] =>
    all.filter(([, field]: [string, FormField]) => (field.secret ?? false) === isSecret).map(([name]) => name)
  const granted = oauth2 === undefined ? [] : ['access_token', 'refresh_token', ...Object.keys(oauth2.keep ?? {})]
  return {
    credentials: { what: 'secret field', names: [...named(true), ...granted] },
    connection: { what: 'setting', names: named(false) },
    app: { what: 'field of `app`', names: Object.keys(app) },
  }
}

interface Read {
  readonly node: Located<string>
  readonly variable: string
  readonly name: string
}

/** What all slots of a method read, those of its grant and its signature too. */
function readsOf(method: Located<AuthMethod>): Read[] {
  const { document, pointer } = method
  const slots: [string, readonly Compiled[]][] = [
    ...[...document.expressions].map(([at, one]): [string, Compiled[]] => [at, [one]]),
    ...[...document.templates].map(([at, { parts }]): [string, Compiled[]] => [
      at,
      parts.filter((part) => typeof part !== 'string'),
    ]),
  ]
  return slots
    .filter(([at]) => at.startsWith(`${pointer}/`))
    .flatMap(([at, expressions]) =>
      expressions.flatMap(({ source, variablePaths }) =>
        variablePaths.flatMap((path): Read[] => {
          const [variable = '', name] = path.split('.')
          const text = document.expressions.has(at) ? source : (document.templates.get(at)?.source ?? source)
          return name === undefined ? [] : [{ node: method.below(at, text), variable, name }]
        }),
      ),
    )
}

function fieldIssues(integration: Located<Integration>, method: Located<AuthMethod>): Issue[] {
  const known = readable(integration, method)
  const read = readsOf(method)
  const unknown = read.flatMap(({ node, variable, name }) => {
    const of = known[variable]
    if (of === undefined || of.names.includes(name)) return []
    return [unknownName(node, 'value', 'unknown_setting', of.what, name, of.names)]
  })
  const uses = (variable: string, name: string): boolean =>
    read.some((one) => one.variable === variable && one.name === name) ||
    (variable === 'app' && isDefault(method, name))
  const secrets = (method.at('fields')?.entries() ?? []).filter(([, field]) => field.value.secret === true)
  const brought = method.at('app')?.entries() ?? []
  return [
    ...unknown,
    ...secrets.flatMap(([name, field]) => (uses('credentials', name) ? [] : [unused(field, 'credentials', name)])),
    ...brought.flatMap(([name, field]) => (uses('app', name) ? [] : [unused(field, 'app', name)])),
  ]
}

/** The client of a grant is that of the app where nothing else is said. */
function isDefault({ value: { oauth2 } }: Located<AuthMethod>, name: string): boolean {
  if (oauth2 === undefined) return false
  const { id, secret } = oauth2.client ?? {}
  return (name === 'client_id' && id === undefined) || (name === 'client_secret' && secret === undefined)
}

const unused = (field: Located<FormField>, variable: string, name: string): Issue =>
  field.issue('key', 'unused_key', {
    message: `${field.value.secret === true ? 'the secret ' : ''}\`${name}\` is asked for and never sent`,
    hint: `Read it as \`$${variable}.${name}\`, or do not ask for it.`,
  })
