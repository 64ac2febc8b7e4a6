import type { FormField, Integration, ModeMatch } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'

/** Texts that a pattern for one label of a host must refuse. */
const HOSTILE = ['evil.test', 'a.b', 'evil.test/', 'a/b', 'a#b', 'a?b', 'a@b', 'a:80', 'a b', 'a\\b', 'a%2eb', '']

/** Whether hosts and modes hold: URLs, suffixes, one-label patterns, and the fields that tell modes apart. */
export function checkHosts({ integration }: Subject): Issue[] {
  const { definition } = integration
  if (definition === undefined) return []
  const hosts = (definition.at('hosts')?.entries() ?? []).flatMap(([, host]) => hostIssues(definition, host))
  return [...hosts, ...modeIssues(definition)]
}

type HostFile = Integration['hosts'][string]

function hostIssues(definition: Located<Integration>, host: Located<HostFile>): Issue[] {
  const modes = host.at('modes')?.entries() ?? []
  const urls = [host.at('url'), ...modes.map(([, url]) => url)].filter((url) => url !== undefined) as Located<string>[]
  const known = Object.keys(definition.value.modes ?? {})
  const unknown = modes
    .filter(([mode]) => !known.includes(mode))
    .map(([mode, node]) => unknownName(node, 'key', 'unknown_mode', 'mode', mode, known))
  return [...unknown, ...urls.flatMap((url) => urlIssues(definition, host, url))]
}

function urlIssues(definition: Located<Integration>, host: Located<HostFile>, url: Located<string>): Issue[] {
  if (url.template === undefined) return []
  const sample = url.template.parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')
  if (!/^https?:\/\/[^/?#@\\]+(\/[^?#\\]*)?$/.test(sample) || !URL.canParse(sample)) {
    const message = 'this is no origin with an optional base path'
    return [url.issue('value', 'invalid_value', { message, hint: 'Write `https://host` or `https://host/base`.' })]
  }
  if (url.template.isLiteral) return []
  const suffix = host.at('suffix')
  const issues: Issue[] = []
  if (suffix === undefined) {
    const message = 'the host has a variable and no `suffix`'
    issues.push(
      url.issue('value', 'host_variable', { message, hint: 'Add `suffix: .acme.test`, what the host must end in.' }),
    )
  } else if (!new URL(sample).hostname.endsWith(suffix.value) || !suffix.value.startsWith('.')) {
    const message = `the host does not end in \`${suffix.value}\``
    const hint = 'The suffix starts with a dot and is what stands after the variable.'
    issues.push(suffix.issue('value', 'host_variable', { message, hint }))
  }
  return [...issues, ...variableIssues(definition, url)]
}

function variableIssues(definition: Located<Integration>, url: Located<string>): Issue[] {
  const fields = { ...methodFields(definition), ...definition.value.settings }
  const parts = (url.template?.parts ?? []).filter((part) => typeof part !== 'string')
  const names = parts.flatMap((part) => part.variablePaths).map((path) => path.split('.')[1] ?? '')
  return names.flatMap((name) => {
    const field = fields[name]
    if (field === undefined) {
      const known = Object.keys(fields)
      return [unknownName(url, 'value', 'unknown_setting', 'setting', name, known)]
    }
    if (isOneLabel(field)) return []
    const message = `the setting \`${name}\` can hold more than one label of a host`
    const hint = `Give it a pattern such as '^[a-z0-9-]+$', so that nobody moves the host.`
    return [url.issue('value', 'host_variable', { message, hint })]
  })
}

function isOneLabel({ pattern, options }: FormField): boolean {
  const takes = (text: string): boolean => {
    if (options !== undefined) return options.includes(text)
    return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(text)
  }
  if (options?.some((option) => !/^[A-Za-z0-9-]+$/.test(option)) === true) return false
  return !HOSTILE.some(takes)
}

/** Fields without `secret` of all auth methods. */
function methodFields(definition: Located<Integration>): Record<string, FormField> {
  const methods = Object.values(definition.value.auth?.methods ?? {})
  const all = methods.flatMap(({ fields = {} }) => Object.entries(fields))
  return Object.fromEntries(all.filter(([, field]) => field.secret !== true))
}

function modeIssues(definition: Located<Integration>): Issue[] {
  const methods = Object.values(definition.value.auth?.methods ?? {})
  const names = methods.flatMap(({ fields = {}, oauth2 }) => Object.keys({ ...fields, ...oauth2?.keep }))
  const known = [...new Set([...names, ...Object.keys(definition.value.settings ?? {})])]
  const modes = definition.at('modes')?.entries() ?? []
  const always = modes.findIndex(([, mode]) => mode.at('match') === undefined)
  return modes.flatMap(([name, mode], index) => {
    const match = mode.at('match') as Located<ModeMatch | readonly ModeMatch[]> | undefined
    const rules = (Array.isArray(match?.value) ? match.items() : [match]) as (Located<ModeMatch> | undefined)[]
    const fields = rules.flatMap((rule) => rule?.at('field') ?? [])
    const unknown = fields.filter(({ value }) => !known.includes(value))
    if (unknown.length > 0) {
      return unknown.map((at) => unknownName(at, 'value', 'unknown_setting', 'credential or setting', at.value, known))
    }
    if (always === -1 || index <= always) return []
    const message = `the mode \`${name}\` is never taken, since \`${modes[always]?.[0]}\` before it always matches`
    return [mode.issue('key', 'unused_key', { message, hint: 'Put the mode without `match` last.' })]
  })
}
