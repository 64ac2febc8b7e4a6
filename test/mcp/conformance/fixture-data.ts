/** One red pixel, and a sound of no length. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
export const SOUND = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

interface Read {
  readonly mimeType: string
  readonly text?: string
  readonly blob?: string
}

const resource = (uri: string, mimeType: string, content: Omit<Read, 'mimeType'>) => ({
  listed: { uri, name: uri.slice('test://'.length), description: 'Of the suite.', mimeType },
  matches: new RegExp(`^${uri}$`),
  read: (): Read => ({ mimeType, ...content }),
})

export const FIXTURE_RESOURCES = [
  resource('test://static-text', 'text/plain', { text: 'This is the content of the static text resource.' }),
  resource('test://static-binary', 'image/png', { blob: PIXEL }),
]

export const FIXTURE_TEMPLATES = [
  {
    listed: { uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' },
    matches: /^test:\/\/template\/[^/]+\/data$/,
    read: (uri: string): Read => {
      const id = uri.split('/')[3]
      return {
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      }
    },
  },
]

type Given = Readonly<Record<string, string>>
const said = (text: string) => ({ role: 'user', content: { type: 'text', text } })
const argument = (name: string) => ({ name, description: `The ${name}.`, required: true })

export const FIXTURE_PROMPTS = [
  {
    listed: { name: 'test_simple_prompt', description: 'Takes nothing.' },
    messages: () => [said('This is a simple prompt for testing.')],
  },
  {
    listed: {
      name: 'test_prompt_with_arguments',
      description: 'Takes two.',
      arguments: [argument('arg1'), argument('arg2')],
    },
    messages: ({ arg1, arg2 }: Given) => [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  {
    listed: {
      name: 'test_prompt_with_embedded_resource',
      description: 'Holds a resource.',
      arguments: [argument('resourceUri')],
    },
    messages: ({ resourceUri }: Given) => [
      {
        role: 'user',
        content: { type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Text of it.' } },
      },
      said('Process the resource above.'),
    ],
  },
  {
    listed: { name: 'test_prompt_with_image', description: 'Holds an image.' },
    messages: () => [
      { role: 'user', content: { type: 'image', data: PIXEL, mimeType: 'image/png' } },
      said('Look at the image above.'),
    ],
  },
]
