/** An event as a browser would get it. */
export interface Heard {
  event: string;
  id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever comes
  data: any;
}

export interface EventClient extends AsyncDisposable {
  response: Response;
  /** The next one that matches; those before it are passed over. Undefined when the stream has ended. */
  next: (matches?: (heard: Heard) => boolean) => Promise<Heard | undefined>;
  /** All that come until the stream ends. */
  rest: () => Promise<Heard[]>;
}

/** Reads server-sent events as `EventSource` does. */
export async function listenTo(url: string, headers: Record<string, string> = {}): Promise<EventClient> {
  const closing = new AbortController();
  const response = await fetch(url, { headers, signal: closing.signal });
  const blocks = blocksOf(response);
  const next: EventClient['next'] = async (matches = () => true) => {
    for (;;) {
      const { value, done } = await blocks.next();
      if (done) return undefined;
      if (matches(value)) return value;
    }
  };
  return {
    response,
    next,
    rest: async () => {
      const all: Heard[] = [];
      for await (const one of blocks) all.push(one);
      return all;
    },
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

async function* blocksOf({ body }: Response): AsyncGenerator<Heard, undefined> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      if (fields.has('event')) {
        yield { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '') };
      }
    }
  }
}
