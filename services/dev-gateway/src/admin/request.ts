import type { PlainRecord } from '../schema/field.ts';

export interface AdminRequest {
  readonly method: string;
  /** Path without the query, as it was sent. */
  readonly path: string;
  /** Variables of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: PlainRecord;
  /** Values of a form are texts and take the type that the schema asks for. */
  readonly isForm: boolean;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type AdminHandler = (request: AdminRequest) => Promise<AdminAnswer> | AdminAnswer;

/** One path of the Admin API, variables in braces, and what may be done there. */
export interface AdminPath {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', AdminHandler>>>;
}
