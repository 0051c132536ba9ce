import { HeaderList } from './header-list.ts';

/** A response that the gateway makes itself. */
export interface Reply {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** The response is one that the service gave before. */
  readonly isOfService?: true;
}

/** What a plugin gives to answer a request instead of the service. */
export interface ReplyInput {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON when `json` is given; else the text with its type; else no body. */
  readonly json?: unknown;
  readonly text?: { readonly body: string; readonly contentType: string };
}

/** The default type of a refusal, for clients that do not say what they accept. */
type DefaultType = 'application/json' | 'text/plain';

const TYPES = ['application/json', 'text/html', 'application/xml', 'text/plain'] as const;
type MessageType = (typeof TYPES)[number];

const isMessageType = (type: string): type is MessageType => (TYPES as readonly string[]).includes(type);

/** The type that the `Accept` header likes best of those that a message can be written in. */
const negotiate = (accept: string | undefined, defaultType: DefaultType): MessageType => {
  if (accept === undefined) return defaultType;
  let best: MessageType = 'application/json';
  let bestQuality = 0;
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    const type =
      range === '*/*' || range === 'application/*'
        ? 'application/json'
        : range.replace('text/*', 'text/plain');
    if (quality > bestQuality && isMessageType(type)) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
};

const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const writeMessage = (type: MessageType, message: string, requestId: string): string => {
  switch (type) {
    case 'application/json':
      return `{\n  "message":${JSON.stringify(message)},\n  "request_id":"${requestId}"\n}`;
    case 'text/html': {
      const safe = escapeMarkup(message);
      return `<!doctype html>\n<html>\n  <head>\n    <meta charset="utf-8">\n    <title>Error</title>\n  </head>\n  <body>\n    <h1>Error</h1>\n    <p>${safe}.</p>\n    <p>request_id: ${requestId}</p>\n  </body>\n</html>\n`;
    }
    case 'application/xml':
      return `<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>${escapeMarkup(message)}</message>\n  <requestid>${requestId}</requestid>\n</error>\n`;
    case 'text/plain':
      return `${message}\nrequest_id: ${requestId}\n`;
  }
};

const build = (
  status: number,
  extra: Readonly<Record<string, string>>,
  contentType: string,
  body: Buffer,
): Reply => {
  const headers = HeaderList.fromFlat([]);
  if (contentType !== '') headers.set('Content-Type', contentType);
  for (const [name, value] of Object.entries(extra)) headers.set(name, value);
  headers.set('Content-Length', String(body.length));
  return { status, headers, body };
};

export interface MessageInput {
  readonly status: number;
  readonly message: string;
  readonly requestId: string;
  readonly accept: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal by the gateway or one of its plugins: a message and the request's id, JSON unless the client prefers another type. */
export const messageReply = (input: MessageInput): Reply => writeReply(input, 'application/json');

/** What the client gets when the service did not give a usable answer: plain text unless the client prefers another type. */
export const errorPage = (input: MessageInput): Reply => writeReply(input, 'text/plain');

const writeReply = (input: MessageInput, defaultType: DefaultType): Reply => {
  const type = negotiate(input.accept, defaultType);
  const body = Buffer.from(writeMessage(type, input.message, input.requestId));
  return build(input.status, input.headers ?? {}, `${type}; charset=utf-8`, body);
};

/** A plugin's own response, as it gave it. */
export const plainReply = (input: ReplyInput): Reply => {
  const extra = input.headers ?? {};
  if (input.json !== undefined) {
    return build(
      input.status,
      extra,
      'application/json; charset=utf-8',
      Buffer.from(JSON.stringify(input.json)),
    );
  }
  if (input.text) return build(input.status, extra, input.text.contentType, Buffer.from(input.text.body));
  return build(input.status, extra, '', Buffer.alloc(0));
};

/** The words for a status that the gateway answers because of the upstream or a malformed request. */
export const statusMessage = (status: number): string =>
  STATUS_MESSAGES[status] ?? `The upstream server responded with ${status}`;

const STATUS_MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  411: 'Length required',
  413: 'Payload too large',
  414: 'URI too long',
  417: 'Expectation failed',
  431: 'Request header or cookie too large',
  500: 'An unexpected error occurred',
  502: 'An invalid response was received from the upstream server',
  503: 'The upstream server is currently unavailable',
  504: 'The upstream server is timing out',
};
