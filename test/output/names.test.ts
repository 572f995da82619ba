import { describe, expect, it } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { dateGroups, dateName, isDataName, sharedNames, wholeNames } from "../../dist/output/names.js";
import { dayOf, dayText } from "../../dist/time/period.js";
import { RESOLUTIONS, type Resolution } from "../oracle/options.js";
import { fake, timesOf } from "./fake.js";

function days(from: string, to: string): Int32Array {
  return fake({ from, to }).series("day").days;
}

describe("hourly files", () => {
  it("are named by day and month, or by the whole date", () => {
    expect(dateName("hour", dayOf("2024-01-31"), "dd_mm")).toBe("hourly_data_31_01.csv");
    expect(dateName("hour", dayOf("2024-01-31"), "iso")).toBe("hourly_data_2024-01-31.csv");
    expect(dateName("hour", dayOf("1969-02-01"), "dd_mm")).toBe("hourly_data_01_02.csv");
    expect(dateName("15min", dayOf("2024-01-31"), "dd_mm")).toBe("quarter_hourly_data_31_01.csv");
  });

  it("hold a date each, in the order of time", () => {
    const { day } = timesOf({ from: "2023-12-31", to: "2024-01-02" });
    expect(dateGroups("hour", day, "dd_mm").map(({ name, rows }) => [name, rows.length, rows[0]])).toEqual([
      ["hourly_data_31_12.csv", 24, 0],
      ["hourly_data_01_01.csv", 24, 24],
      ["hourly_data_02_01.csv", 24, 48],
    ]);
  });

  it("hold the same day and month of all years, in the order of time", () => {
    const { day } = timesOf({ from: "2023-02-27", to: "2025-03-01" });
    const groups = dateGroups("hour", day, "dd_mm");
    expect(groups).toHaveLength(366);
    const ofName = new Map(groups.map(({ name, rows }) => [name, rows]));
    const dates = ofName.get("hourly_data_28_02.csv")!.map((row) => dayText(day[row]));
    expect([...new Set(dates)]).toEqual(["2023-02-28", "2024-02-28", "2025-02-28"]);
    expect(dates).toHaveLength(72);
    expect(dates).toEqual([...dates].sort());
    expect(ofName.get("hourly_data_29_02.csv")).toHaveLength(24);
    expect(dateGroups("hour", day, "iso")).toHaveLength(734);
  });

  it("take a date's rows together where clocks go back over midnight", () => {
    const { day } = timesOf({ zone: "America/St_Johns", from: "2006-10-28", to: "2006-10-30" });
    for (const { name, rows } of dateGroups("hour", day, "iso")) {
      expect(rows.map((row) => `hourly_data_${dayText(day[row])}.csv`)).toEqual(rows.map(() => name));
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
    }
    const total = dateGroups("hour", day, "iso").reduce((sum, { rows }) => sum + rows.length, 0);
    expect(total).toBe(day.length);
  });

  it("have no file for a date that the zone skipped", () => {
    const { day } = timesOf({ zone: "Pacific/Apia", from: "2011-12-29", to: "2011-12-31" });
    expect(dateGroups("hour", day, "dd_mm").map(({ name }) => name)).toEqual([
      "hourly_data_29_12.csv",
      "hourly_data_31_12.csv",
    ]);
  });
});

describe("files of all rows", () => {
  it("have a name for each resolution of a day and more", () => {
    expect(wholeNames(RESOLUTIONS)).toEqual(
      ["daily", "weekly", "monthly", "yearly", "total"].map((name) => `${name}_data.csv`),
    );
  });
});

describe("several years in one file", () => {
  it("are a warning that points at --file-date iso", () => {
    const warning = sharedNames(["hour", "day"], days("2023-06-01", "2024-06-02"), "dd_mm");
    expect(warning && { ...warning, message: textOf(warning.message, "commandLine") }).toEqual({
      code: "shared_file_names",
      message:
        "the period has the same day and month in several years, so files like hourly_data_01_06.csv hold several " +
        "dates each (368 days in 366 files); --file-date iso gives each date its own file",
    });
  });

  it("are named as the finest files are, and no warning without files by date", () => {
    const message = (resolutions: readonly Resolution[]) => {
      const warning = sharedNames(resolutions, days("2023-06-01", "2024-06-02"), "dd_mm");
      return warning && textOf(warning.message, "commandLine");
    };
    expect(message(RESOLUTIONS)).toContain("files like quarter_hourly_data_01_06.csv hold several dates each");
    expect(message(["day", "week", "month", "year", "total"])).toBeUndefined();
  });

  it("are none where each date has its file", () => {
    expect(sharedNames(["hour", "day"], days("2023-06-01", "2024-05-31"), "dd_mm")).toBeUndefined();
    expect(sharedNames(["hour", "day"], days("2023-06-01", "2024-06-02"), "iso")).toBeUndefined();
    expect(sharedNames(["hour"], new Int32Array(0), "dd_mm")).toBeUndefined();
  });
});

describe("names read from a manifest or a journal", () => {
  it.each([
    ...[
      "daily_data.csv",
      "weekly_data.csv",
      "monthly_data.csv",
      "yearly_data.csv",
      "total_data.csv",
      "rejected.ndjson",
    ],
    ...["hourly_data_31_01.csv", "hourly_data_2024-01-31.csv"],
    ...["quarter_hourly_data_31_01.csv", "quarter_hourly_data_2024-01-31.csv"],
  ])("%s is ours", (name) => {
    expect(isDataName(name)).toBe(true);
  });

  it.each([
    "manifest.json",
    "../daily_data.csv",
    "/etc/passwd",
    "../../etc/passwd",
    "hourly_data_31_01.csv/../../x",
    "hourly_data_31_01.csv\n",
    "x\nhourly_data_31_01.csv",
    "hourly_data_.csv",
    "hourly_data.csv",
    "quarter_hourly_data.csv",
    "weekly_data_31_01.csv",
    "hourly_data_..\\x.csv",
    "hourly_data_3１_01.csv",
    "HOURLY_DATA_31_01.CSV",
    "notes.txt",
    "",
    ".",
    null,
    7,
    ["daily_data.csv"],
  ])("%j is not", (name) => {
    expect(isDataName(name)).toBe(false);
  });
});
