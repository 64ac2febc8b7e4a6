import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { callServer, TOKEN_HELP } from './client.ts'

const WATCH_MS = 1_000
const OPEN = ['waiting', 'running']

interface Job {
  readonly id: string
  readonly integrated_account_id: string | null
  readonly tenant_id: string | null
  readonly resources: readonly string[]
  readonly schedule: string | null
  readonly is_paused: boolean
}

interface Counts {
  readonly records: number
  readonly added: number
  readonly updated: number
  readonly deleted: number
  readonly partitions: number
  readonly partitions_done: number
}

interface Run {
  readonly id: string
  readonly status: string
  readonly error: { readonly code: string; readonly message: string } | null
  readonly progress: Counts & { readonly records_per_second: number | null; readonly eta_seconds: number | null }
  readonly resources: readonly (Counts & { readonly resource: string; readonly state: string; readonly why: string })[]
}

const url = () => new Option('--url <url>', 'address of the running server').default('http://127.0.0.1:4000')
const at = (options: { readonly url: string }) => ({ url: options.url, env: process.env })

/** `onefold sync`: what is synced, runs it, and shows how far it is. */
export function syncCommand(): Command {
  const sync = new Command('sync')
    .description('sync records of connected accounts, on a running server')
    .addHelpText('after', TOKEN_HELP)
  sync.command('list').description('list the sync jobs').addOption(url()).action(list)
  for (const [name, description] of Object.entries(ACTS)) {
    sync
      .command(name)
      .description(description)
      .argument(name === 'cancel' ? '<run>' : '<job>', name === 'cancel' ? 'id of the run' : 'id of the sync job')
      .addOption(url())
      .action((id: string, options: { readonly url: string }) => act(name, id, options))
  }
  sync
    .command('run')
    .description('start a run of a sync job')
    .argument('<job>', 'id of the sync job')
    .option('--full', 'read everything again, and find updates and deletions')
    .option('--watch', 'show how far it is until it is over')
    .addOption(url())
    .action(run)
  sync
    .command('status')
    .description('show a run')
    .argument('<run>', 'id of the run')
    .option('--watch', 'until it is over')
    .addOption(url())
    .action((id: string, options: Watched) => show(id, options))
  return sync
}

interface Watched {
  readonly url: string
  readonly watch?: boolean
}

async function list(options: { readonly url: string }): Promise<void> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from = cursor === '' ? '' : `&next_cursor=${encodeURIComponent(cursor)}`
    const answer = await callServer(at(options), 'GET', `/sync-job?limit=100${from}`)
    const page = (await answer.json()) as { result: readonly Job[]; next_cursor: string | null }
    for (const job of page.result) console.log(jobLine(job))
    cursor = page.next_cursor
  }
}

function jobLine({ id, integrated_account_id: account, tenant_id: tenant, resources, ...job }: Job): string {
  const when = job.is_paused ? 'paused' : (job.schedule ?? 'when asked')
  return [id, account ?? `tenant ${tenant}`, resources.join(','), when].join('  ')
}

const ACTS = {
  pause: 'have a sync job and its run rest, within a page',
  resume: 'have a sync job run again; a run that rests goes on where it was',
  cancel: 'end a run where it is; what it has read stays',
}

async function act(name: string, id: string, options: { readonly url: string }): Promise<void> {
  const of = name === 'cancel' ? 'sync-job-run' : 'sync-job'
  await callServer(at(options), 'POST', `/${of}/${encodeURIComponent(id)}/${name}`)
}

async function run(id: string, options: Watched & { readonly full?: boolean }): Promise<void> {
  const mode = options.full === true ? 'full' : 'auto'
  const path = `/sync-job/${encodeURIComponent(id)}/run`
  const made = (await (await callServer(at(options), 'POST', path, { mode })).json()) as { id: string }
  console.log(made.id)
  if (options.watch === true) await show(made.id, options)
}

async function show(id: string, options: Watched): Promise<void> {
  for (let told = ''; ; await sleep(WATCH_MS)) {
    const answer = await callServer(at(options), 'GET', `/sync-job-run/${encodeURIComponent(id)}`)
    const found = (await answer.json()) as Run
    const line = lineOf(found)
    if (line !== told) console.log(line)
    told = line
    if (options.watch === true && OPEN.includes(found.status)) continue
    for (const { resource, state, records, why } of found.resources) {
      console.log(`  ${resource}  ${state}  ${records} read  ${why}`)
    }
    if (found.error !== null) console.log(`  ${found.error.code}: ${found.error.message}`)
    if (found.status === 'failed') process.exitCode = 1
    return
  }
}

function lineOf({ status, progress }: Run): string {
  const { records, added, updated, deleted, partitions, partitions_done: done } = progress
  const rate = progress.records_per_second === null ? '' : `  ${progress.records_per_second}/s`
  const left = progress.eta_seconds === null ? '' : `  ${progress.eta_seconds} s left`
  return `${status}  ${records} read  +${added} ~${updated} -${deleted}  ${done}/${partitions} parts${rate}${left}`
}

/** `onefold export`: writes synced records to a file, or to standard output. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write synced records as JSON lines, CSV or Parquet, from a running server')
    .argument('<resource>', 'model and resource, such as payment-gateway/payments')
    .requiredOption('--account <id>', 'the integrated account, or several with commas')
    .addOption(new Option('--as <kind>', 'kind of file').choices(['jsonl', 'csv', 'parquet']).default('jsonl'))
    .option('--fields <names>', 'only these fields, comma separated')
    .option('--out <file>', 'default standard output')
    .addOption(url())
    .addHelpText('after', TOKEN_HELP)
    .action(write)
}

interface Exported {
  readonly account: string
  readonly as: string
  readonly fields?: string
  readonly out?: string
  readonly url: string
}

async function write(resource: string, { account, as, fields, out, url: to }: Exported): Promise<void> {
  const query = new URLSearchParams({ integrated_account_id: account, as, ...(fields === undefined ? {} : { fields }) })
  const path = `/unified/${resource.split('/').map(encodeURIComponent).join('/')}/export?${query}`
  const { body } = await callServer(at({ url: to }), 'GET', path)
  if (body === null) return
  const sink = out === undefined ? process.stdout : createWriteStream(out, { mode: 0o600 })
  await pipeline(Readable.fromWeb(body as never), sink, { end: out !== undefined })
}
