/** Starts the page: with what lies in it, as in a report, or else with the service that it came from. */
import { render } from "preact";
import { App } from "./app.js";
import { embeddedData } from "./data/embedded.js";
import { looked } from "./data/looked.js";
import { Service } from "./data/service.js";

const place = document.getElementById("app");
if (place !== null) {
  try {
    const first = (await embeddedData()) ?? new Service();
    place.replaceChildren();
    render(<App first={first} looked={looked} />, place);
  } catch (error) {
    place.textContent = `This page cannot be shown: ${(error as Error).message}.`;
  }
}
