/** Trust: gaps, negative hours, extra readings and warnings, each with the place in the charts. */
import type { About, Batch, ProfileDocument } from "../data/data.js";
import { dayIn, hoursLong, momentsOf, whole } from "../format.js";

interface QualityProps {
  readonly profile: ProfileDocument;
  readonly batches: readonly Batch[];
  readonly timezone: string;
  /** What a report, or a file that is looked at, says of itself; it has no batches. */
  readonly about: About | undefined;
  readonly jump: (label: string) => void;
}

const SHOWN = 12;
/** How a line about a warning begins. */
const WARNING = "Warning: ";

export function Quality({ profile, batches, timezone, about, jump }: QualityProps) {
  const { gaps, negative_hours: negative, first_negative: first } = profile;
  const moment = momentsOf(profile);
  const warned = batches.filter(({ state, warnings }) => state === "counts" && warnings.length > 0);
  const notes = (about?.lines ?? []).filter((line) => line.startsWith(WARNING));
  const clean = about === undefined ? "nothing was odd about the latest batches" : "there were no warnings";
  return (
    <section class="quality" aria-label="Quality">
      <h2>Can I trust it?</h2>
      {gaps.count === 0 && negative === 0 && warned.length === 0 && notes.length === 0 ? (
        <p class="quiet">Every hour of the period has readings, none is negative, and {clean}.</p>
      ) : undefined}
      <ul class="findings">
        {gaps.first.slice(0, SHOWN).map(({ from, to, hours }) => (
          <li key={from}>
            <i class="gaps" aria-hidden="true" />
            <button type="button" class="plain" onClick={() => jump(from)}>
              {hoursLong(hours)} without readings
            </button>{" "}
            <span class="quiet">
              {moment(from)} to {moment(to)}
            </span>
          </li>
        ))}
        {gaps.count > SHOWN ? <li class="quiet">and {whole(gaps.count - SHOWN)} more gaps</li> : undefined}
        {negative === 0 || first === null ? undefined : (
          <li>
            <i class="negative" aria-hidden="true" />
            <button type="button" class="plain" onClick={() => jump(first)}>
              {negative === 1 ? "1 hour" : `${whole(negative)} hours`} with negative energy
            </button>{" "}
            <span class="quiet">the first {moment(first)}: energy that was given back, or a fault</span>
          </li>
        )}
        {notes.map((note) => (
          <li key={note}>
            <i class="warning" aria-hidden="true" />
            <span>{note.slice(WARNING.length)}</span>
          </li>
        ))}
        {warned.slice(0, SHOWN).flatMap(({ batch_id: id, file, warnings, first: begin }) =>
          warnings.map(({ code, message }) => (
            <li key={`${id} ${code}`}>
              <i class="warning" aria-hidden="true" />
              {begin === null ? (
                <span>{message}</span>
              ) : (
                <button type="button" class="plain" onClick={() => jump(dayIn(begin, timezone))}>
                  {message}
                </button>
              )}{" "}
              <span class="quiet">batch {file ?? id}</span>
            </li>
          )),
        )}
      </ul>
    </section>
  );
}
