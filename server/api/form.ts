import { type CompiledAuthMethod, EngineError, type Integration } from '../../engine/index.ts'

/** What a person or a back end filled in, sorted by where it is kept. */
export interface FilledForm {
  /** For the vault, read as $credentials. */
  readonly credentials: Readonly<Record<string, string>>
  /** In the open, read as $connection. */
  readonly settings: Readonly<Record<string, string>>
}

/** A field of a connect form, from the definition language. */
export type FormField = Integration['settings'][string]

interface Complaint {
  readonly field: string
  readonly what: string
  readonly code: 'unknown' | 'missing' | 'option' | 'pattern'
}

/** The auth method of this name, or the first. Throws invalid_body naming the methods there are. */
export function authMethodOf(integration: Integration, name: string | undefined): CompiledAuthMethod {
  const { methods } = integration.auth
  const [first] = methods.values()
  const found = name === undefined ? first : methods.get(name)
  if (found !== undefined) return found
  throw new EngineError('invalid_body', `${integration.label} has no auth method ${(name ?? '').slice(0, 64)}`, {
    where: '/authentication_method',
    valid: [...methods.keys()],
  })
}

/** All fields of the form of a method, settings of the integration included. */
export function formOf(integration: Integration, method: CompiledAuthMethod): Readonly<Record<string, FormField>> {
  return { ...integration.settings, ...method.fields }
}

/**
 * Holds what was filled in against the form: unknown and missing fields, patterns and options, all at once. Values never
 * stand in a message. Throws invalid_body with `missing_fields`.
 */
export function fillForm(
  integration: Integration,
  method: CompiledAuthMethod,
  given: Readonly<Record<string, string>>,
): FilledForm {
  const form = formOf(integration, method)
  const values = checkedFields(integration, method, { form, given, where: '/credentials' })
  const sorted = { credentials: {} as Record<string, string>, settings: {} as Record<string, string> }
  for (const [name, value] of Object.entries(values)) {
    if (form[name]?.secret === true) sorted.credentials[name] = value
    else sorted.settings[name] = value
  }
  return sorted
}

/** What an environment brings for all accounts of a method, checked like any other form. Throws invalid_body. */
export const fillApp = (
  integration: Integration,
  method: CompiledAuthMethod,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => checkedFields(integration, method, { form: method.app, given, where: '/fields' })

interface Given {
  readonly form: Readonly<Record<string, FormField>>
  readonly given: Readonly<Record<string, string>>
  /** JSON pointer to the fields in the body. */
  readonly where: string
}

/** The values of the visible fields, defaults filled in. */
function checkedFields(
  integration: Integration,
  method: CompiledAuthMethod,
  { form, given, where }: Given,
): Readonly<Record<string, string>> {
  const values = withDefaults(form, given)
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(form, name))
  const complaints: Complaint[] = [
    ...unknown.map((field) => ({ field, what: 'is not a field of this form', code: 'unknown' as const })),
    ...Object.entries(form).flatMap(([name, field]) => complaintOf(name, field, values)),
  ]
  if (complaints.length > 0) throw refusal(integration, method, { form, complaints, where })
  const visible = Object.entries(values).filter(([name]) => {
    const field = form[name]
    return field !== undefined && isVisible(field, values)
  })
  return Object.fromEntries(visible)
}

function withDefaults(
  form: Readonly<Record<string, FormField>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, field] of Object.entries(form)) {
    const value = Object.hasOwn(given, name) ? given[name]?.trim() : ''
    const filled = value === undefined || value === '' ? field.default : value
    if (filled !== undefined) values[name] = filled
  }
  return values
}

const isVisible = ({ visible_when: when }: FormField, values: Readonly<Record<string, string>>): boolean =>
  when === undefined || values[when.field] === when.equals

function complaintOf(field: string, spec: FormField, values: Readonly<Record<string, string>>): Complaint[] {
  if (!isVisible(spec, values)) return []
  const value = values[field]
  if (value === undefined) {
    return spec.required === false ? [] : [{ field, what: 'is missing', code: 'missing' }]
  }
  if (spec.options !== undefined && !spec.options.includes(value)) {
    return [{ field, code: 'option', what: `is none of ${spec.options.join(', ')}` }]
  }
  if (spec.pattern !== undefined && !new RegExp(`^(?:${spec.pattern})$`).test(value)) {
    const example = spec.example === undefined ? '' : `, such as ${spec.example}`
    return [{ field, code: 'pattern', what: `does not have the form ${spec.pattern}${example}` }]
  }
  return []
}

function refusal(
  integration: Integration,
  method: CompiledAuthMethod,
  { form, complaints, where }: Pick<Given, 'form' | 'where'> & { readonly complaints: readonly Complaint[] },
): EngineError {
  const told = complaints.map(({ field, what }) => `${field} ${what}`).join('; ')
  const helps = complaints.flatMap(({ field }) => {
    const help = form[field]?.help
    return help === undefined ? [] : [`${form[field]?.label}: ${help}`]
  })
  const missing = complaints.filter(({ code }) => code === 'missing').map(({ field }) => field)
  return new EngineError('invalid_body', `The form of ${integration.label} (${method.label}): ${told}`, {
    where: complaints.map(({ field }) => `${where}/${field}`).join(', '),
    valid: Object.keys(form),
    hint: helps.length === 0 ? undefined : helps.join(' '),
    missingFields: missing.length === 0 ? undefined : missing,
    faults: complaints.map(({ field, what, code }) => ({
      code,
      message: `${field} ${what}`,
      hint: form[field]?.help ?? 'GET /integration/{name} shows the form.',
      pointer: `/credentials/${field}`,
    })),
  })
}
