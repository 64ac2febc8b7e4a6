// The page of an approval. The token is held in a variable of this window, and nowhere else.
const byId = (id) => document.getElementById(id)
const address = `/approval/${encodeURIComponent(document.body.dataset.approval)}`
let token = ''

async function ask(method, body) {
  const response = await fetch(address, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    credentials: 'omit',
    cache: 'no-store',
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}`)
  return answer
}

async function attempt(act) {
  byId('failure').hidden = true
  for (const button of document.querySelectorAll('button')) button.disabled = true
  try {
    await act()
  } catch (error) {
    byId('failure-text').textContent = error.message
    byId('failure').hidden = false
  } finally {
    for (const button of document.querySelectorAll('button')) button.disabled = false
  }
}

function show(approval) {
  const { request, sends } = approval
  byId('question').textContent = approval.summary
  const facts = {
    Operation: approval.operation,
    Record: request.id ?? 'none',
    'What the agent wrote': JSON.stringify(request.body ?? {}, null, 1),
    'Asked by token': approval.token_id,
    'Would be sent': `${sends.verb} ${sends.url}`,
    With: sends.body ?? 'no body',
    'Good until': new Date(approval.expires_at).toLocaleString(),
    State: approval.state,
  }
  const parts = Object.entries(facts).flatMap(([name, value]) => {
    const [term, fact] = [document.createElement('dt'), document.createElement('dd')]
    term.textContent = name
    fact.textContent = value
    return [term, fact]
  })
  byId('facts').replaceChildren(...parts)
  byId('choice').hidden = approval.state !== 'pending'
  byId('outcome').textContent = approval.state === 'pending' ? '' : `This approval is ${approval.state}.`
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  token = byId('token').value.trim()
  attempt(async () => {
    const approval = await ask('GET')
    if (approval.request === undefined) throw new Error('This token may not approve.')
    show(approval)
    byId('token').value = ''
    byId('sign-in').hidden = true
    byId('decide').hidden = false
    byId('heading').focus()
  })
})

byId('decide').addEventListener('submit', (event) => {
  event.preventDefault()
  const decision = event.submitter?.value === 'release' ? 'release' : 'refuse'
  const note = byId('note').value.trim()
  attempt(async () => {
    await ask('POST', { decision, ...(note === '' ? {} : { note }) })
    show(await ask('GET'))
  })
})
