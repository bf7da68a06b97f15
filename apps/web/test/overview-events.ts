export interface ServerSentEvent {
  event: string;
  data: string;
}

/** What a server sends on a stream of events, as a browser would read it. Closing it leaves the page. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #leave: AbortController;
  #text = '';

  private constructor(response: Response, leave: AbortController) {
    this.response = response;
    this.#leave = leave;
    this.#reader = (response.body as ReadableStream).pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(url: string): Promise<EventReader> {
    const leave = new AbortController();
    return new EventReader(await fetch(url, { signal: leave.signal }), leave);
  }

  /** The next block: an event, a comment or a hint; undefined at the end of the stream. */
  async block(): Promise<string | undefined> {
    while (!this.#text.includes('\n\n')) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
    const end = this.#text.indexOf('\n\n');
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return block;
  }

  async event(): Promise<ServerSentEvent | undefined> {
    for (let block = await this.block(); block !== undefined; block = await this.block()) {
      const fields = block.split('\n').map((line) => line.split(/: (.*)/s));
      const event = fields.find(([name]) => name === 'event')?.[1];
      const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
      if (event !== undefined) return { event, data: data.join('\n') };
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
    await this.#reader.cancel().catch(() => undefined);
  }
}
