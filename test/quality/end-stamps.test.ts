import { describe, expect, it } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { endStampsWarning } from "../../dist/quality/end-stamps.js";
import { zoneOf } from "../../dist/time/zone.js";
import { at } from "../time/zones.js";

describe("end timestamps", () => {
  const ends = (zone: string, first: string, last: string, oneTime = false) =>
    endStampsWarning(zoneOf(zone), at(first), at(last), oneTime);

  it("are suggested if the last one is a midnight", () => {
    const told = (...of: Parameters<typeof ends>) => {
      const warning = ends(...of);
      return warning && { ...warning, message: textOf(warning.message, "commandLine") };
    };
    expect(told("Europe/Berlin", "2024-01-01T00:00+01:00", "2024-02-01T00:00+01:00")).toEqual({
      code: "end_stamps",
      message:
        "the last timestamp is exactly 2024-02-01T00:00:00+01:00, alone on its day: did you mean --stamps end? " +
        "It is for timestamps that mark the end of their interval",
    });
    expect(told("UTC", "2024-01-31T23:45Z", "2024-02-01T00:00Z")?.message).toContain("2024-02-01T00:00:00Z");
    // Midnight was skipped: the day began at one.
    expect(told("America/Sao_Paulo", "2017-10-14T03:15Z", "2017-10-15T03:00Z")?.message).toContain("T01:00:00-02:00");
  });

  it.each([
    ["at any other time", "UTC", "2024-01-31T00:00Z", "2024-02-01T00:15Z"],
    ["after midnight by a fraction", "UTC", "2024-01-31T00:00Z", "2024-02-01T00:00:00.25Z"],
    ["at another zone's midnight", "Europe/Berlin", "2024-01-31T00:00Z", "2024-02-01T00:00Z"],
    ["the only one", "UTC", "2024-02-01T00:00Z", "2024-02-01T00:00Z"],
    ["when clocks go back over midnight", "America/St_Johns", "2010-11-05T00:00Z", "2010-11-07T02:31Z"],
  ])("are not where it is %s", (_, zone, first, last) => {
    expect(ends(zone, first, last)).toBeUndefined();
  });

  it("are not suggested if all readings are of one time of day", () => {
    expect(ends("UTC", "2024-01-01T00:00Z", "2024-02-01T00:00Z", true)).toBeUndefined();
  });
});
