import type { IncomingHttpHeaders } from "node:http";
import { StripeFault } from "../http/fault";
import type { HttpRequest, HttpResponse, Site } from "../http/site";
import { checkoutPage, payOnPage } from "./checkout-page";
import { controlPage, runControlAction } from "./control-page";
import { html } from "./html";
import { invoicePage, payOnInvoice, receiptPage } from "./invoice-page";
import { layout, type PageResponse } from "./layout";
import { portalPage, runPortalAction } from "./portal-page";
import { languageFor } from "./words";

/** Serves the pages: checkout, portal, invoices, and the control page at `/`. */
export async function servePage(site: Site, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === "POST" && !isSameOrigin(request.headers)) {
    return { status: 403, headers: {}, body: "Forms from other sites are rejected." };
  }
  const response = await choose(site, request).catch((error: unknown) => {
    if (error instanceof StripeFault) {
      return refusal(request, error);
    }
    throw error;
  });
  if ("location" in response) {
    return { status: 303, headers: { location: response.location }, body: "" };
  }
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return { status: response.status ?? 200, headers, body: response.markup };
}

async function choose(site: Site, request: HttpRequest): Promise<PageResponse> {
  const [, page = "", id = ""] = request.path.split("/");
  const posted = request.method === "POST" ? new URLSearchParams(request.body) : null;
  const accepts = request.headers["accept-language"] ?? "";
  switch (page) {
    case "pay":
      return posted
        ? payOnPage(site.sim, id, posted, accepts)
        : checkoutPage(site.sim, id, accepts);
    case "portal":
      return posted ? runPortalAction(site.sim, id, posted) : portalPage(site.sim, id, accepts);
    case "invoice":
      return posted ? payOnInvoice(site.sim, id) : invoicePage(site.sim, id, accepts);
    case "receipt":
      return receiptPage(site.sim, id, accepts);
    case "":
      return posted ? runControlAction(site, posted) : controlPage(site);
    default:
      throw new StripeFault({ status: 404, message: request.path });
  }
}

function refusal(request: HttpRequest, fault: StripeFault): PageResponse {
  const language = languageFor(null, request.headers["accept-language"]);
  const title = fault.status === 404 ? language.text("notFound") : fault.message;
  const detail = fault.status === 404 && html`<p class="soft">${fault.message}</p>`;
  return {
    markup: layout(language, title, html`<h1>${title}</h1>${detail}`),
    status: fault.status,
  };
}

/** Accepts forms only from these pages, so that no other site can submit them. */
function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}`;
}
