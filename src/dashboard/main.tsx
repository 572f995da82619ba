/** Starts the page: with what lies in it, as a report, or else with the service that it came from. */
import { render } from "preact";
import { App } from "./app.js";
import { Service } from "./data/service.js";

const place = document.getElementById("app");
if (place !== null) {
  place.replaceChildren();
  render(<App first={new Service()} looked={() => Promise.reject(new Error("not built yet"))} />, place);
}
