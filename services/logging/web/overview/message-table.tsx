/** What the services complain about most. */
import type { MessagesAnswer } from '../api/answers.ts';
import { count } from '../model/format.ts';
import { ago } from '../model/time.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';

export function MessageTable({ messages }: { readonly messages: MessagesAnswer['messages'] }) {
  const now = Date.now();
  return (
    <ScrollTable title="Most frequent warnings and errors" isEmpty={messages.length === 0}>
      <thead>
        <tr>
          <th scope="col">message, numbers as #</th>
          <th scope="col">service</th>
          <th scope="col">level</th>
          <th scope="col" class="number">
            events
          </th>
          <th scope="col" class="number">
            newest
          </th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => (
          <tr key={`${message['service.name']} ${message.message}`}>
            <th scope="row" class="message">
              {message.message}
            </th>
            <td class="text">{message['service.name'] ?? ''}</td>
            <td class="text">{message.severity_text?.toLowerCase() ?? ''}</td>
            <td>{count(message.events)}</td>
            <td>{ago(message.last_timestamp, now)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
