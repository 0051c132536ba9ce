/** How long and how much is kept, and the form that changes it. */
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { RetentionDocument } from '../api/answers.ts';
import { Problem } from '../api/problem.ts';
import {
  isRetention,
  keepsLess,
  type RetentionFaults,
  type RetentionText,
  readRetention,
  textOfRetention,
} from '../model/retention.ts';
import { useClient } from '../shell/context.ts';

const PATH = '/api/v1/settings/retention';

const LABELS: Readonly<Record<keyof RetentionText, string>> = {
  age: 'Keep events for',
  size: 'Keep at most',
};

const REMOVE = 'Remove what is beyond it';

/** @param onChange told what holds once the service has taken a change, so that the next one starts from there */
export function Retention({
  retention,
  onChange,
}: {
  readonly retention: RetentionDocument;
  readonly onChange: (retention: RetentionDocument) => void;
}) {
  const client = useClient();
  // Undefined while nobody has typed: the fields show what holds then.
  const [typed, setTyped] = useState<RetentionText>();
  const [faults, setFaults] = useState<RetentionFaults>({});
  // What was asked for once and would remove events: asked for again, it is done.
  const [doubted, setDoubted] = useState<'change' | 'reset'>();
  const [isAsking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState<string | Problem>();
  const text = typed ?? textOfRetention(retention);

  const type = (part: Partial<RetentionText>): void => {
    setTyped({ ...text, ...part });
    setFaults({});
    setDoubted(undefined);
    setOutcome(undefined);
  };

  const ask = async (change: () => Promise<RetentionDocument>): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    try {
      const changed = await change();
      const { age, size } = textOfRetention(changed);
      setOutcome(`Events are kept for ${age}, and at most ${size} of them.`);
      setTyped(undefined);
      setDoubted(undefined);
      onChange(changed);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setOutcome(error);
    } finally {
      setAsking(false);
    }
  };

  const reset = (): void => {
    if (keepsLess(retention.configured, retention) && doubted !== 'reset') setDoubted('reset');
    else void ask(() => client.send('DELETE', PATH));
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const wanted = readRetention(text);
    if (!isRetention(wanted)) {
      setFaults(wanted);
      const first = wanted.age === undefined ? 'size' : 'age';
      event.currentTarget.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
    } else if (keepsLess(wanted, retention) && doubted !== 'change') setDoubted('change');
    else void ask(() => client.send('PUT', PATH, wanted));
  };

  return (
    <section class="card" aria-labelledby="retention">
      <h2 id="retention">Retention</h2>
      <form class="retention" onSubmit={submit} noValidate>
        {(['age', 'size'] as const).map((name) => (
          <Field
            key={name}
            name={name}
            value={text[name]}
            fault={faults[name]}
            onInput={(value) => type({ [name]: value })}
          />
        ))}
        <div role="alert">
          {doubted === undefined ? null : (
            <p class="bad">
              What is older or beyond it is removed within a minute and cannot be brought back. Press again to
              do it.
            </p>
          )}
        </div>
        <div class="actions">
          <button type="submit" class="primary" disabled={isAsking || typed === undefined}>
            {doubted === 'change' ? REMOVE : 'Change'}
          </button>
          {retention.is_changed ? (
            <button type="button" disabled={isAsking} onClick={reset}>
              {doubted === 'reset' ? REMOVE : 'As configured'}
            </button>
          ) : null}
        </div>
      </form>
      <div role="status">
        {outcome instanceof Problem ? (
          <p class="bad">
            {outcome.message} {outcome.hint}
          </p>
        ) : (
          <p class="muted">
            {outcome ?? (retention.is_changed ? 'It was changed here.' : 'It is the configured one.')}
          </p>
        )}
      </div>
    </section>
  );
}

function Field({
  name,
  value,
  fault,
  onInput,
}: {
  readonly name: keyof RetentionText;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onInput: (value: string) => void;
}) {
  const id = `retention-${name}`;
  return (
    <p>
      <label for={id}>{LABELS[name]}</label>
      <input
        id={id}
        name={name}
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-fault`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <span id={`${id}-fault`} class="bad">
        {fault}
      </span>
    </p>
  );
}
