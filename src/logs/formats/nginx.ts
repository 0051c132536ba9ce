import { levelOfStatus, levelOfWord } from '../level.ts';
import { type Recogniser, record } from '../record.ts';

const ERROR = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)$/s;
const ACCESS = /^(\S+) \S+ \S+ \[[^\]]*\] "([^"]*)" (\d{3}) (\d+|-)(.*)$/s;
const REQUEST_ID = /request_id: "([^"]*)"/;

/** Kong's and nginx's error log. */
export const nginxError: Recogniser = (text) => {
  const [, word, message = ''] = ERROR.exec(text) ?? [];
  if (word === undefined) return null;
  return record({
    level: levelOfWord(word),
    message,
    requestId: REQUEST_ID.exec(message)?.[1] ?? null,
  });
};

/** The combined access log, with what Kong puts at its end. */
export const nginxAccess: Recogniser = (text) => {
  const [, client = '', request, status = '', bytes = '', rest = ''] = ACCESS.exec(text) ?? [];
  if (request === undefined) return null;
  return record({
    level: levelOfStatus(Number(status)),
    message: `${request.replace(/ HTTP\/[\d.]+$/, '')} ${status}`,
    requestId: REQUEST_ID.exec(rest)?.[1] ?? null,
    fields: { client, ...(bytes === '-' ? {} : { bytes }) },
  });
};
