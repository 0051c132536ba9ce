/** What ran: counts, and one line for each failure. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
}

/** The part of a vitest JSON report that is read. */
export interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

export function emptyTally(): Tally;
export function addTally(tally: Tally, other: Tally): void;
export function tallyCheck(name: string, problem: string | null): Tally;
export function tallyReport(name: string, report: VitestReport | null, problem: string | null): Tally;
export function totalLine(tally: Pick<Tally, 'passed' | 'failed' | 'skipped'>): string;
