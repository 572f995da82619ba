/** Who: the sources, the largest first, with their share, course and coverage. A click shows one alone; several are stacked. */
import { useEffect, useState } from "preact/hooks";
import type { Data, ProfileDocument, Question, SourceEntry } from "../data/data.js";
import { type Scale, whole } from "../format.js";
import { useAsk } from "../use-ask.js";
import { MOST_STACKED, type View } from "../view.js";
import { nameOf, SourceRows } from "./source-rows.js";

interface SourcesProps {
  readonly data: Data;
  readonly question: Question;
  readonly version: number;
  readonly profile: ProfileDocument;
  readonly view: View;
  readonly scale: Scale;
  readonly change: (change: Partial<View>) => void;
}

export function Sources({ data, question, version, profile, view, scale, change }: SourcesProps) {
  const [prefix, setPrefix] = useState("");
  const [pages, setPages] = useState(1);
  const key = JSON.stringify([question.from, question.to, question.timezone, prefix, pages, version]);
  useEffect(() => setPages(1), [prefix]);
  const found = useAsk(
    async (signal) => {
      const groups: (readonly SourceEntry[])[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < pages; page++) {
        const { sources, next } = await data.sources({ ...question, sources: [], prefix, cursor }, signal);
        groups.push(sources);
        cursor = next ?? undefined;
        if (cursor === undefined) break;
      }
      return { groups, more: cursor !== undefined };
    },
    key,
    true,
  );
  const groups = found.value?.groups ?? [];
  const count = groups.reduce((sum, { length }) => sum + length, 0);
  const chosen = new Set(view.sources);
  const toggle = (id: string) => {
    const sources = chosen.has(id) ? view.sources.filter((one) => one !== id) : [...view.sources, id];
    if (sources.length <= MOST_STACKED) change({ sources });
  };
  const total = Number(profile.total_kWh);
  return (
    <section class="sources" aria-label="Sources">
      <header>
        <h2>Sources</h2>
        <label class="search">
          <span class="away">Search for sources whose name begins with</span>
          <input
            type="search"
            placeholder="name begins with…"
            value={prefix}
            onInput={(event) => setPrefix(event.currentTarget.value)}
          />
        </label>
        {view.sources.length === 0 ? undefined : (
          <button type="button" onClick={() => change({ sources: [] })}>
            Show all sources
          </button>
        )}
      </header>
      {view.sources.length === 0 ? undefined : (
        <ul class="chips" aria-label="Chosen sources">
          {view.sources.map((id) => (
            <li key={id}>
              <button type="button" onClick={() => toggle(id)} aria-label={`Leave out ${nameOf(id)}`}>
                {nameOf(id)} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {found.refusal === undefined ? undefined : <p class="error">{found.refusal.message}</p>}
      {found.value !== undefined && count === 0 ? (
        <p class="quiet">
          {prefix === "" ? "No source has readings in this period." : `No source begins with “${prefix}”.`}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it
        <section class="table" tabIndex={0} aria-label="Table of sources">
          <table>
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col" class="number">
                  {scale.noun}
                </th>
                <th scope="col" class="number">
                  Share
                </th>
                <th scope="col">Course</th>
                <th scope="col" class="number">
                  {data.about === undefined ? "Coverage" : "Hours with readings"}
                </th>
                <th scope="col">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((entries, n) => (
                <SourceRows
                  key={n}
                  {...{ data, question, version, entries, scale, chosen, toggle }}
                  days={profile.days}
                  total={view.sources.length === 0 && total > 0 ? total : undefined}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {found.value?.more ? (
        <button type="button" onClick={() => setPages(pages + 1)}>
          More sources
        </button>
      ) : undefined}
      {count > 1 ? <p class="quiet">{hintOf(count, found.value?.more === true)}</p> : undefined}
    </section>
  );
}

function hintOf(count: number, more: boolean): string {
  return `${more ? `The largest ${whole(count)}` : whole(count)} sources. Click one to see it alone, up to ${MOST_STACKED} to see them stacked.`;
}
