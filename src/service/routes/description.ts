/** `GET /openapi.json` and `/docs`: the description of the service. */
import { version } from "../../jobs/version.js";
import { docsPage } from "../docs/page.js";
import { readQuery } from "../http/query.js";
import { openapiDocument } from "../openapi/document.js";
import { queryOf, type Resource } from "../service.js";

export const description: Resource = (app) => {
  const document = openapiDocument(version());
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  const page = docsPage(document);

  app.get("/openapi.json", async (request, reply) => {
    readQuery(queryOf(request), {});
    return reply.type("application/json; charset=utf-8").send(text);
  });

  app.get("/docs", async (request, reply) => {
    readQuery(queryOf(request), {});
    return reply.header("content-security-policy", page.policy).type("text/html; charset=utf-8").send(page.html);
  });
};
