export { version } from "../run/version.js";
