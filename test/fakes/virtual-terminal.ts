import { clearLine, clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import headless from '@xterm/headless';

/** A terminal of a size that shows what is written to its stream, as a person would see it. */
export class VirtualTerminal {
  readonly stream: NodeJS.WriteStream;
  /** All bytes that came, as text. */
  written = '';
  readonly #terminal: InstanceType<typeof headless.Terminal>;

  constructor(columns: number, rows: number) {
    // As the terminal driver of the system does it: a line feed goes to the beginning of the next line.
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      convertEol: true,
      allowProposedApi: true,
      scrollback: 1_000,
    });
    const writable = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        this.written += text;
        this.#terminal.write(text, done);
      },
    });
    const control = {
      isTTY: true,
      columns,
      rows,
      cursorTo: (x: number, y?: number) => cursorTo(writable, x, y),
      moveCursor: (dx: number, dy: number) => moveCursor(writable, dx, dy),
      clearLine: (direction: -1 | 0 | 1) => clearLine(writable, direction),
      clearScreenDown: () => clearScreenDown(writable),
    };
    this.stream = Object.assign(writable, control) as unknown as NodeJS.WriteStream;
  }

  /** As somebody pulls at the window's corner: what stands there is broken anew, then the program is told. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.settled();
    this.#terminal.resize(columns, rows);
    Object.assign(this.stream, { columns, rows });
    this.stream.emit('resize');
  }

  /** Everything written has been shown. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }

  /** Every row from the first that was ever written to the last, without empty ones at the end. */
  async rows(): Promise<string[]> {
    await this.settled();
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
    return rows
      .map((line) => line?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd()
      .split('\n');
  }

  /** Column of the cursor, and whether it is shown. */
  async cursor(): Promise<{ readonly column: number; readonly isShown: boolean }> {
    await this.settled();
    const [hidden, shown] = ['\u001b[?25l', '\u001b[?25h'].map((code) => this.written.lastIndexOf(code));
    return { column: this.#terminal.buffer.active.cursorX, isShown: (shown ?? -1) >= (hidden ?? -1) };
  }
}
