/** What an answer says of a refusal. */
export interface Refusal<Details, Code extends string> {
  status: number;
  code: Code;
  message: string;
  details: Details;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

/** A call was refused or failed. Each code has a class of its own; a code that is newer than this package has this one. */
export class CreditsError<Details = unknown, Code extends string = string> extends Error {
  /** HTTP status; 0 without an answer. */
  declare readonly status: number;
  /** Stable and documented; decide by this or by the class. */
  declare readonly code: Code;
  /** The figures of the refusal; amounts are decimal strings. */
  declare readonly details: Details;
  /** Under this the service's log has it. */
  declare readonly requestId: string | undefined;
  /** After how many seconds another try makes sense. */
  declare readonly retryAfterSeconds: number | undefined;

  constructor(refusal: Refusal<Details, Code>, options?: { cause?: unknown }) {
    super(refusal.message, options);
    Object.assign(this, refusal, { name: new.target.name });
  }

  /** Whether the service did not say yes or no: no answer, or one of 5xx, after all repetitions. */
  get unavailable(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** There was no answer. The call may have taken effect: repeat it with the same key. */
export class UnreachableError extends CreditsError<undefined, "unreachable"> {
  constructor(message: string, cause: unknown) {
    super({ status: 0, code: "unreachable", message, details: undefined }, { cause });
  }
}

/** The work is done and could not be charged: `result` is what it gave, `cause` says why. */
export class UnsettledError<Result = unknown> extends CreditsError<undefined, "unsettled"> {
  constructor(
    readonly result: Result,
    readonly reservationId: string | undefined,
    override readonly cause: CreditsError,
  ) {
    const { status, requestId, retryAfterSeconds } = cause;
    const message = `The work is done but not charged: ${cause.message}`;
    super({ status, code: "unsettled", message, details: undefined, requestId, retryAfterSeconds }, { cause });
  }
}
