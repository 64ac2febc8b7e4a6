import type { JsonSchema } from '../../../engine/index.ts'
import { type Files, schemasFrom, type Target } from '../folder.ts'
import { inline, yamlFile } from '../yaml.ts'
import type { Answers } from './answers.ts'

/** The files of a new provider: one resource, its mapping, cases for both, and a README. */
export function providerFiles(target: Target, answers: Answers): Files {
  const schemas = (depth: number): string => schemasFrom(target, depth)
  const { resource, target: unified } = answers
  const fields = fieldsOf(unified.schema)
  return new Map([
    ['integration.yaml', yamlFile(schemas(0), 'integration', integration(answers))],
    [`resources/${resource}.yaml`, yamlFile(schemas(1), 'resource', resourceOf(answers))],
    [`mappings/${unified.model}.yaml`, yamlFile(schemas(1), 'mapping', mappingOf(answers, fields))],
    [`cases/${resource}.yaml`, yamlFile(schemas(1), 'case', casesOf(answers, fields))],
    ['README.md', readmeOf(answers)],
  ])
}

const example = (name: string, of: string): string => `${name}-${of}-example`

function integration({ name, label, baseUrl, auth }: Answers): object {
  return {
    onefold: 1,
    name,
    label,
    description: `What ${label} does, in one or two sentences.`,
    hosts: { default: inline({ url: baseUrl }) },
    auth: { methods: { [auth === 'oauth2' ? 'sign_in' : 'key']: methodOf(auth, name) } },
    response: inline({ records: 'data' }),
    time: inline({ form: 'rfc3339' }),
    pagination: inline({ strategy: 'none' }),
    errors: [{ when: '$http_status = 404', code: 'record_not_found' }],
  }
}

function methodOf(auth: Answers['auth'], name: string): object {
  const secret = (label: string, of: string): object => inline({ label, example: example(name, of), secret: true })
  if (auth === 'basic') {
    const fields = { key: secret('Key', 'key'), secret: secret('Secret', 'secret') }
    return {
      type: 'basic',
      label: 'Key and secret',
      fields,
      username: '$credentials.key',
      password: '$credentials.secret',
    }
  }
  const fields = { api_key: secret('API key', 'key') }
  if (auth === 'bearer') return { type: 'bearer', label: 'API key', fields, token: '$credentials.api_key' }
  if (auth === 'api_key') {
    return {
      type: 'api_key',
      label: 'API key',
      fields,
      in: 'header',
      name: 'X-Api-Key',
      value: '{{ $credentials.api_key }}',
    }
  }
  const app = {
    client_id: inline({ label: 'Client ID' }),
    client_secret: inline({ label: 'Client secret', secret: true }),
  }
  const oauth2 = { authorize: inline({ path: '/oauth/authorize' }), token: inline({ path: '/oauth/token' }) }
  return { type: 'oauth2', label: 'Sign in', app, oauth2 }
}

function resourceOf({ resource }: Answers): object {
  const words = resource.replaceAll('_', ' ')
  return {
    name: resource,
    description: `What one of the ${words} is.`,
    methods: {
      list: { effect: 'read', verb: 'GET', path: `/${resource}`, description: `Lists ${words}.`, complete: true },
      get: {
        effect: 'read',
        verb: 'GET',
        path: `/${resource}/{{ $path.id }}`,
        description: `Reads one of the ${words} by its id.`,
      },
    },
  }
}

const MOST_FIELDS = 4
/** What every record has or the engine fills; only the time of creation is worth a first line. */
const COMMON = new Set(['id', 'object', 'provider', 'integrated_account_id', 'tenant_id', 'remote_url', 'updated_at'])

/** The first fields of a unified resource that any text fits, and when the record was made. */
function fieldsOf(schema: JsonSchema): readonly string[] {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>)
  const isText = ({ type, enum: values, format, pattern }: JsonSchema): boolean =>
    [type].flat().includes('string') &&
    values === undefined &&
    pattern === undefined &&
    (format === undefined || format === 'email')
  const texts = properties.filter(([name, node]) => isText(node) && !COMMON.has(name) && !name.startsWith('raw_'))
  const names = texts.map(([name]) => name).slice(0, MOST_FIELDS)
  return ['id', ...names, ...(properties.some(([name]) => name === 'created_at') ? ['created_at'] : [])]
}

function mappingOf({ resource, target }: Answers, fields: readonly string[]): object {
  const mapping = {
    list: inline({ from: `${resource}.list` }),
    get: inline({ from: `${resource}.get` }),
    ...(target.filters.has('id') ? { filters: { id: inline({ ops: ['eq', 'in'], ids: true }) } } : {}),
    fields: Object.fromEntries(fields.map((name) => [name, name])),
  }
  return { model: target.model, resources: { [target.name]: mapping } }
}

function sampleOf(name: string, id: string): string {
  if (name === 'id') return id
  if (name === 'created_at') return '2026-01-01T00:00:00Z'
  return name.includes('email') ? 'ada@example.com' : `${name} of ${id}`
}

function casesOf({ resource, target, baseUrl }: Answers, fields: readonly string[]): object {
  const base = new URL(baseUrl).pathname.replace(/\/$/, '')
  const record = (id: string): object => inline(Object.fromEntries(fields.map((name) => [name, sampleOf(name, id)])))
  const call = (method: string, id?: string): object =>
    inline({ model: target.model, resource: target.name, method, id })
  const path = `${base}/${resource}`
  return {
    cases: [
      {
        name: 'One record',
        call: call('get', 'r_1'),
        exchanges: [{ request: { verb: 'GET', path: `${path}/r_1` }, response: { status: 200, body: record('r_1') } }],
        expect: { result: record('r_1') },
      },
      {
        name: 'A list of two',
        call: call('list'),
        exchanges: [
          { request: { verb: 'GET', path }, response: { status: 200, body: { data: [record('r_2'), record('r_1')] } } },
        ],
        expect: { result: [record('r_2'), record('r_1')] },
      },
      {
        name: 'Nobody',
        call: call('get', 'r_3'),
        exchanges: [{ request: { verb: 'GET', path: `${path}/r_3` }, response: { status: 404, body: inline({}) } }],
        expect: { error: inline({ code: 'record_not_found' }) },
      },
    ],
  }
}

function readmeOf({ label, resource, target }: Answers): string {
  return `# ${label}

| resource | state | why |
|---|---|---|
| \`${resource}\` | mapped | into \`${target.model}/${target.name}\` |

- **mapped**: the unified models have it. **proxied**: reached through \`/proxy\` only. **refused**: not reached, with a reason.
- Name every public resource of the provider here before it counts as done.

## To do

- \`integration.yaml\`: paging, rate limits, where failures hold their text, what a key must look like.
- \`resources/\`: the other operations, each with its effect and a description of your own.
- \`mappings/\`: the other fields; what is not there under \`absent\`, with the reason.
- \`cases/\`: answers as the provider gives them, in place of the made-up ones.
`
}
