import { confirm } from '../api/approvals.ts'
import type { CallContext } from '../api/context.ts'
import { effectsOf } from '../api/reach.ts'
import type { Token } from '../stores/index.ts'
import { annotationsOf } from './annotations.ts'
import { ENVELOPE } from './answer.ts'
import type { Arguments, Found, Tool } from './contract.ts'
import { foundIn } from './reply.ts'
import { textOf, withoutNulls } from './values.ts'

const CONFIRM = Object.freeze({
  name: 'confirm_action',
  description: 'Does what was held, once it is released.',
  inputSchema: {
    type: 'object' as const,
    properties: { approval_id: { type: 'string', maxLength: 64 } },
    required: ['approval_id'],
    additionalProperties: false,
  },
  outputSchema: ENVELOPE,
  annotations: annotationsOf('money', 'confirm'),
}) as Tool['listed']

/** The tool that does what was held; of tokens that can have something held. */
export function confirmTools(token: Token): readonly Tool[] {
  const canMove = effectsOf(token).some((effect) => effect === 'money' || effect === 'credential')
  if (!canMove || (token.kind === 'agent' && token.approval === 'deny')) return []
  return [{ listed: CONFIRM, call: confirmAction }]
}

async function confirmAction(context: CallContext, args: Arguments): Promise<Found> {
  const found = foundIn(await confirm(context, textOf(args, 'approval_id') ?? ''), false)
  return { ...found, result: withoutNulls(found.result) }
}
