import { Command, InvalidArgumentError, Option } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { DELIVERY_STATUSES } from '../stores/webhook-types.ts'
import { callServer, TOKEN_HELP } from './client.ts'

interface Base {
  readonly url: string
  readonly json?: boolean
}

interface Webhook {
  readonly id: string
  readonly kind: string
  readonly url: string | null
  readonly to: readonly string[] | null
  readonly event_types: readonly string[]
  readonly status: string
  readonly disabled_reason: string | null
  readonly secret?: string | null
}

interface Delivery {
  readonly id: string
  readonly event_id: string
  readonly event_type: string
  readonly status: string
  readonly attempts: number
  readonly response_status: number | null
  readonly error: string | null
  readonly created_at: string
  readonly next_attempt_at: string | null
}

const EXAMPLES = `
Examples:
  onefold webhooks create https://app.example.com/hook --event payment.failed --event 'integrated_account.*'
  onefold webhooks deliveries whk_... --status dead
  onefold webhooks redeliver whk_... --since 2026-01-01T00:00:00Z
  onefold webhooks rotate-secret whk_... --keep-previous 3600
`

/** `onefold webhooks`: where events go, what became of them, and sending them again; on a running server. */
export function webhooksCommand(): Command {
  const webhooks = new Command('webhooks')
    .description('where events are sent, on a running server: make, try, look at and mend it')
    .addHelpText('after', TOKEN_HELP + EXAMPLES)
  const sub = (usage: string, description: string): Command =>
    webhooks
      .command(usage)
      .description(description)
      .addOption(new Option('--url <url>', 'address of the running server').default('http://127.0.0.1:4000'))
      .option('--json', 'print what the API answers')
  sub('list', 'list where events go').action((options: Base) => listAll(options, '/webhook', webhookLine))
  sub('create <target>', 'have events sent to a URL, a Slack webhook, or mail addresses divided by commas')
    .addOption(
      new Option('--kind <kind>', 'what the target is').choices(['webhook', 'slack', 'email']).default('webhook'),
    )
    .option('--event <type...>', 'types of events, each exact or with a * at the end; default all')
    .option('--tenant <id>', 'only events of this tenant')
    .option('--account <id>', 'only events of this account')
    .option('--integration <name>', 'only events of this integration')
    .option('--model <name...>', 'only records of these models or resources')
    .option('--description <text>', 'for people')
    .action(create)
  sub('test <id>', 'send a test event at once; ends with 1 when it is not taken').action(test)
  sub('deliveries <id>', 'list deliveries, newest first')
    .addOption(new Option('--status <status>', 'in this status').choices(DELIVERY_STATUSES))
    .option('--event <type>', 'of events of this type')
    .option('--since <instant>', 'made at or after this instant')
    .option('--until <instant>', 'made before this instant')
    .action(deliveries)
  sub('redeliver <id> [delivery]', 'send one delivery again, or all of a time')
    .option('--since <instant>', 'those made at or after this instant')
    .option('--until <instant>', 'and before this one; default now')
    .option('--status <status...>', 'in these statuses; default dead and unknown')
    .option('--event <type>', 'of events of this type')
    .action(redeliver)
  sub('rotate-secret <id>', 'make a new signing secret; it is shown this once')
    .option('--keep-previous <seconds>', 'for how long the old one signs too', secondsOf)
    .action(rotate)
  sub('delete <id>', 'delete it with its deliveries').action(remove)
  return webhooks
}

const pathOf = (id: string): string => `/webhook/${encodeURIComponent(id)}`

async function ask<T>({ url }: Base, verb: string, path: string, body?: unknown): Promise<T> {
  return (await (await callServer({ url, env: process.env }, verb, path, body)).json()) as T
}

function show<T>({ json }: Base, value: T, textOf: (value: T) => string): void {
  console.log(json === true ? JSON.stringify(value, null, 2) : textOf(value))
}

/** Every page of a list. */
async function listAll<T>(
  options: Base,
  path: string,
  lineOf: (one: T) => string,
  query: Record<string, string> = {},
): Promise<void> {
  const all: T[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const asked: URLSearchParams = new URLSearchParams({
      limit: '100',
      ...query,
      ...(cursor === '' ? {} : { next_cursor: cursor }),
    })
    const page: { result: readonly T[]; next_cursor: string | null } = await ask(options, 'GET', `${path}?${asked}`)
    all.push(...page.result)
    cursor = page.next_cursor
  }
  show(options, all, (found) => found.map(lineOf).join('\n') || 'Nothing.')
}

function webhookLine({ id, kind, url, to, event_types: types, status, disabled_reason: why }: Webhook): string {
  const target = url ?? to?.join(',') ?? kind
  return [
    id,
    kind,
    target,
    types.length === 0 ? 'all events' : types.join(','),
    why === null ? status : `${status} (${why})`,
  ].join('  ')
}

interface Created extends Base {
  readonly kind: string
  readonly event?: readonly string[]
  readonly tenant?: string
  readonly account?: string
  readonly integration?: string
  readonly model?: readonly string[]
  readonly description?: string
}

async function create(target: string, options: Created): Promise<void> {
  const { kind, event, tenant, account, integration, model, description } = options
  const body = {
    kind,
    ...(kind === 'email' ? { to: target.split(',').map((one) => one.trim()) } : { url: target }),
    ...{
      event_types: event,
      tenant_id: tenant,
      integrated_account_id: account,
      integration,
      models: model,
      description,
    },
  }
  show(options, await ask<Webhook>(options, 'POST', '/webhook', body), onceText)
}

/** A destination with its secret, which is not shown again. */
const onceText = (webhook: Webhook): string =>
  typeof webhook.secret === 'string'
    ? `${webhookLine(webhook)}\nsecret, shown this once: ${webhook.secret}`
    : webhookLine(webhook)

interface Tested extends Pick<Delivery, 'event_id' | 'status' | 'response_status' | 'error'> {
  readonly duration_ms: number | null
}

async function test(id: string, options: Base): Promise<void> {
  const tested = await ask<Tested>(options, 'POST', `${pathOf(id)}/test`)
  show(options, tested, ({ status, response_status: answered, error, duration_ms: ms }) =>
    [status, answered === null ? null : `answered ${answered}`, ms === null ? null : `${ms} ms`, error]
      .filter((one) => one !== null)
      .join('  '),
  )
  if (tested.status !== 'delivered') process.exitCode = 1
}

interface Listed extends Base {
  readonly status?: string
  readonly event?: string
  readonly since?: string
  readonly until?: string
}

async function deliveries(id: string, options: Listed): Promise<void> {
  const { status, event: event_type, since, until } = options
  const query = Object.entries({ status, event_type, since, until }).filter(([, value]) => value !== undefined)
  await listAll(options, `${pathOf(id)}/delivery`, deliveryLine, Object.fromEntries(query) as Record<string, string>)
}

function deliveryLine({ id, event_type: type, event_id: event, status, attempts, ...rest }: Delivery): string {
  const { response_status: answered, error, created_at: at, next_attempt_at: next } = rest
  const facts = [id, at, type, event, status, `${attempts} attempts`]
  const more = [answered === null ? '' : `answered ${answered}`, error ?? '', next === null ? '' : `next ${next}`]
  return [...facts, ...more.filter((one) => one !== '')].join('  ')
}

interface Redelivered extends Base {
  readonly since?: string
  readonly until?: string
  readonly status?: readonly string[]
  readonly event?: string
}

async function redeliver(id: string, delivery: string | undefined, options: Redelivered): Promise<void> {
  const { since, until, status, event: event_type } = options
  if (delivery !== undefined) {
    const path = `${pathOf(id)}/delivery/${encodeURIComponent(delivery)}/redeliver`
    show(options, await ask<Delivery>(options, 'POST', path), deliveryLine)
    return
  }
  if (since === undefined) {
    throw new EngineError('invalid_request', 'Give the id of a delivery, or --since', { where: '--since' })
  }
  const made = await ask<{ count: number }>(options, 'POST', `${pathOf(id)}/redeliver`, {
    since,
    until,
    status,
    event_type,
  })
  show(options, made, ({ count }) => `${count} are sent again`)
}

async function rotate(id: string, options: Base & { readonly keepPrevious?: number }): Promise<void> {
  const body = options.keepPrevious === undefined ? {} : { keep_previous_s: options.keepPrevious }
  show(options, await ask<Webhook>(options, 'POST', `${pathOf(id)}/rotate-secret`, body), onceText)
}

async function remove(id: string, options: Base): Promise<void> {
  show(options, await ask<{ id: string }>(options, 'DELETE', pathOf(id)), (gone) => `${gone.id} is deleted`)
}

function secondsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number of seconds.')
}
